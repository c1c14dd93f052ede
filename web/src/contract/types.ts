// Generated from the server's types. Times are integer microseconds since the Unix epoch, UTC.

export type Micros = number
/** `m:<userid>` for a member, `c:<external_userid>` for a customer; unique inside one corp. */
export type PersonId = string
export type Locale = 'zh-CN' | 'en'
export type Surface = 'staff' | 'consumer' | 'admin'

export interface Corp {
  corp_id: string
  name: string
  short_name: string
  badge: string
  verified_at: Micros | null
  logo_url: string | null
  time_zone: string
}

export interface Person {
  id: PersonId
  name: string
  badge: string | null
  post: string | null
  avatar_url: string | null
  departed: boolean
}

export type WindowStatus = 'active' | 'suspended' | 'departed'

export interface Window {
  window_id: string
  corp: Corp
  userid: string
  name: string
  badge: string
  post: string | null
  phone: string | null
  store_name: string | null
  store_address: string | null
  hours: string | null
  introduction: string | null
  avatar_url: string | null
  real_name_verified_at: Micros | null
  status: WindowStatus
  checked_at: Micros
}

export type MemberRole = 'owner' | 'admin' | 'member'
export type MemberStatus = 'invited' | 'active' | 'suspended' | 'departed'

export interface Member {
  userid: string
  name: string
  alias: string | null
  post: string | null
  phone: string | null
  store_name: string | null
  store_address: string | null
  hours: string | null
  introduction: string | null
  avatar_url: string | null
  departments: number[]
  role: MemberRole
  status: MemberStatus
  real_name_verified_at: Micros | null
  window_id: string
  serves_customers: boolean
  created_at: Micros
  last_seen_at: Micros | null
}

export interface Department {
  id: number
  parent_id: number | null
  name: string
  order: number
  members: number
}

export interface Session {
  session_id: string
  surface: Surface
  device: string
  user_agent: string
  ip: string
  created_at: Micros
  seen_at: Micros
  expires_at: Micros
  current: boolean
  person: string | null
  userid: string | null
}

export interface ContactWayMember {
  userid: string
  name: string
  avatar_url: string | null
}

export type ContactWayStatus = 'open' | 'closed' | 'expired'

export interface ContactWay {
  code: string
  url: string
  members: ContactWayMember[]
  remark: string
  state: string
  skip_verify: boolean
  exclusive: boolean
  greeting: Body[] | null
  valid_until: Micros | null
  status: ContactWayStatus
  created_at: Micros
  created_by: string
  accepted: number
}

export interface TextBody {
  kind: 'text'
  text: string
}
export interface ImageBody {
  kind: 'image'
  file_id: string
  width: number
  height: number
  size: number
}
export interface FileBody {
  kind: 'file'
  file_id: string
  name: string
  mime: string
  size: number
}
export interface VoiceBody {
  kind: 'voice'
  file_id: string
  duration_ms: number
  mime: string
  size: number
}
export interface LinkBody {
  kind: 'link'
  url: string
  title: string
  description: string
  image_file_id: string | null
}
export interface SystemBody {
  kind: 'system'
  event: string
  params: Record<string, string | number | boolean | null>
}
/** A recall is an entry of its own; the entry it names is then served with body null. */
export interface RecallBody {
  kind: 'recall'
}
export type Body = TextBody | ImageBody | FileBody | VoiceBody | LinkBody | SystemBody | RecallBody

export type EntryKind = 'text' | 'image' | 'file' | 'voice' | 'link' | 'system' | 'recall'

export interface Entry {
  seq: number
  count: number
  id: string
  kind: EntryKind
  sender: PersonId | null
  client_id: string | null
  target_seq: number | null
  body: Body | null
  sent_at: Micros
  automatic: boolean
}

export interface ReadCursor {
  person: PersonId
  read_seq: number
}

export type ConversationKind = 'direct' | 'group' | 'customer'

export interface Conversation {
  corp_id: string
  conversation_id: string
  kind: ConversationKind
  title: string | null
  people: Person[]
  people_count: number
  last_seq: number
  count: number
  last: Entry | null
  last_at: Micros
  joined_seq: number
  read_seq: number
  read_count: number
  reads: ReadCursor[]
  pinned: boolean
  muted: boolean
  marked_unread: boolean
  waiting_since: Micros | null
  state: 'open' | 'closed'
  closed_reason: string | null
}

export interface Customer {
  external_userid: string
  name: string
  avatar_url: string | null
  remark: string | null
  description: string | null
  company: string | null
  phones: string[]
  add_way: number
  state: string | null
  code: string | null
  related_at: Micros
  status: string
  conversation_id: string | null
  other_followers: Person[]
  guest: boolean
}

export interface StaffMe {
  member: Member
  corp: Corp
  session_id: string
  locale: Locale
}

export interface ConsumerMe {
  consumer_id: string
  nickname: string
  phone: string | null
  guest: boolean
  avatar_url: string | null
  locale: Locale
  session_id: string
  receipts: boolean
  corps: Corp[]
}

export type FileKind = 'image' | 'voice' | 'file'

export interface File {
  file_id: string
  kind: FileKind
  name: string
  mime: string
  size: number
  width: number | null
  height: number | null
  duration_ms: number | null
}

export interface Sync {
  epoch: string
  cursor: string
  reset: boolean
  conversations: Conversation[]
  more: boolean
}

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface ConversationPage extends Page<Conversation> {
  counts: { waiting: number; unread: number }
}

export interface EntryRange {
  items: Entry[]
  more: boolean
}

/** The answer to a send or a recall. */
export interface Sent {
  seq: number
  count: number
  id: string
  sent_at: Micros
  duplicate: boolean
}

export interface ReadState {
  read_seq: number
  read_count: number
}

export interface FieldProblem {
  path: string
  problem: string
}

/** application/problem+json */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  errcode: number
  fields: FieldProblem[]
  trace: string
  retry_after?: number
}

export type InvitationPurpose = 'invite' | 'reset'

export interface Invitation {
  corp: Corp
  name: string
  purpose: InvitationPurpose
}

export type RelationStatus = 'requested' | 'active' | 'declined' | 'deleted_by_customer' | 'blocked_by_customer'

export interface ContactWayLanding {
  code: string
  status: ContactWayStatus
  corp: Corp
  /** The member who answers; null when nobody can. */
  window: Window | null
  windows: Window[]
  skip_verify: boolean
  /** null: not accepted yet; `requested`: the member has not answered. */
  relation_status: RelationStatus | null
  conversation_id: string | null
}

export interface Accepted {
  corp_id: string
  userid: string
  status: RelationStatus
  /** null while `status` is `requested`. */
  conversation_id: string | null
  consumer: ConsumerMe
  new: boolean
}

/** Whom a consumer talks to. */
export interface RelationCard {
  window: Window
  status: RelationStatus
  /** The code that began the relation, if a code did. */
  code: string | null
}

export interface CodeSent {
  resend_after_s: number
  expires_in_s: number
}

export interface DemoAccount {
  surface: Surface
  role: string
  name: string
  login: string
  password: string
  corp: string
}

export interface Demo {
  accounts: DemoAccount[]
  contact_codes: { code: string; url: string; name: string }[]
}

export interface DemoCode {
  phone: string
  code: string
  sent_at: Micros
}

export interface InvitedMember {
  member: Member
  invitation_url: string
}

export type PolicyValue = number | string | boolean

export interface Policy {
  name: string
  unit: string
  value: PolicyValue
  default: PolicyValue
  presets: Record<string, PolicyValue>
  ceiling: PolicyValue | null
  source: string
  description: string
  changed_at: Micros | null
  changed_by: string | null
}

export type WelcomeStatus = 'sent' | 'skipped' | 'expired' | 'pending'

export interface Welcome {
  external_userid: string
  customer: string
  userid: string
  member: string
  status: WelcomeStatus
  reason: string | null
  at: Micros
}

export interface ParkedFact {
  follower: string
  fact_id: string
  kind: string
  attempts: number
  error: string
  parked_at: Micros
}

export interface Operations {
  parked: ParkedFact[]
  followers: { name: string; cursor: number; lag: number }[]
  jobs: Record<string, number>
}
