// The server's types under the names that the screens use; the shapes themselves are generated.
import type * as wire from './generated'

export type {
  ContactWay,
  Conversation,
  ConversationPage,
  ConsumerMe,
  Corp,
  Customer,
  DemoCode,
  Department,
  Entry,
  EntryRange,
  FieldProblem,
  File,
  InvitedMember,
  Member,
  ParkedFact,
  RelationCard,
  Person,
  Problem,
  PushServer,
  Sent,
  Session,
  StaffMe,
  Sync,
  Window,
} from './generated'

/** Microseconds since the Unix epoch, UTC. */
export type Micros = number
/** `m:<userid>` for a member, `c:<external_userid>` for a customer; unique inside one corp. */
export type PersonId = string
export type Locale = wire.StaffMe['locale']
export type Surface = wire.Session['surface']
export type WindowStatus = wire.Window['status']
export type MemberRole = wire.Member['role']
export type MemberStatus = wire.Member['status']
export type ContactWayMember = wire.WayMember
export type ContactWayStatus = wire.ContactWay['status']
export type TextBody = wire.Text
export type ImageBody = wire.Image
export type FileBody = wire.Attachment
export type VoiceBody = wire.Voice
export type LinkBody = wire.Link
export type SystemBody = wire.System
export type RecallBody = wire.Recall
/** A body as the server sends it: complete. What a client sends may leave out what the server knows. */
export type Body = TextBody | ImageBody | FileBody | VoiceBody | LinkBody | SystemBody | RecallBody
/** What a person may send; the other bodies are the product's own. */
export type SendableBody = wire.NewEntry['body']
export type EntryKind = wire.Entry['kind']
export type ReadCursor = wire.Receipt
export type ConversationKind = wire.Conversation['kind']
export type FileKind = wire.File['kind']
export type ReadState = wire.Read
export type InvitationPurpose = wire.InvitationView['purpose']
export type Invitation = wire.InvitationView
export type ContactWayLanding = wire.Landing
export type Accepted = wire.AcceptAnswer
export type CodeSent = wire.SentCode
export type Policy = wire.PolicyItem
export type PolicyValue = wire.PolicyItem['value']
export type Welcome = wire.WelcomeRecord
export type WelcomeStatus = wire.WelcomeRecord['status']
export type Operations = wire.Operations

export interface Page<T> {
  items: T[]
  next: string | null
}
