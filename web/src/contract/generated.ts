// Generated from the server's types by `make gen`; do not edit.
// Times are integer microseconds since the Unix epoch, UTC.

/** Where accepting led: ``conversation_id`` is null while ``status`` is ``requested``; ``new`` on the first time. */
export interface AcceptAnswer {
  corp_id: string
  userid: string
  status: "active" | "blocked_by_customer" | "declined" | "deleted_by_customer" | "expired" | "requested"
  conversation_id: string | null
  consumer: ConsumerMe
  new: boolean
}

/** How a new guest wants to be called (somebody known keeps their name), and the device for the list of sessions. */
export interface AcceptRequest {
  nickname?: string | null
  device?: string
}

/** The entry is committed. ``duplicate``: it was committed by an earlier frame with the same ``client_id``. */
export interface Ack {
  type: "ack"
  ref: string
  conversation_id: string
  seq: number
  count: number
  id: string
  sent_at: number
  duplicate: boolean
}

/** Any other file that was uploaded before. */
export interface Attachment {
  kind: "file"
  file_id: string
  name: string
  mime: string
  size: number
}

/** The server closes the connection after this frame. */
export interface Bye {
  type: "bye"
  reason: "garbage" | "restart" | "revoked" | "silent"
  retry_after_ms: number
}

/** Which phone the code is for. */
export interface CodeRequest {
  phone: string
}

/** Who is signed in on the consumer surface; the phone is masked, ``corps`` are those met so far. */
export interface ConsumerMe {
  consumer_id: string
  nickname: string
  phone: string | null
  guest: boolean
  avatar_url: string | null
  locale: "en" | "zh-CN"
  session_id: string
  receipts: boolean
  corps: Corp[]
}

/** What consumers change about themselves; an absent field stays, null empties the picture. */
export interface ConsumerMePatch {
  nickname?: string
  avatar_file_id?: string | null
  locale?: "en" | "zh-CN"
  receipts?: boolean
}

/** A phone, the code sent to it, and how one wants to be called when one is new. */
export interface ConsumerSignIn {
  phone: string
  code: string
  nickname?: string | null
  device?: string
}

/** A code as the corp's own people see it; ``accepted`` counts the relations it began. */
export interface ContactWay {
  code: string
  url: string
  members: WayMember[]
  remark: string
  state: string
  skip_verify: boolean
  exclusive: boolean
  greeting: (TextPart | ImagePart | LinkPart)[] | null
  valid_until: number | null
  status: "closed" | "expired" | "open"
  created_at: number
  created_by: string
  accepted: number
}

/** What changes about a code; an absent field stays as it is, null takes a greeting or a validity away. */
export interface ContactWayPatch {
  remark?: string
  state?: string
  skip_verify?: boolean
  exclusive?: boolean
  greeting?: (TextPart | ImagePart | LinkPart)[] | null
  valid_until?: number | null
  members?: string[]
}

/** A conversation as one participant sees it. Unread messages: ``max(0, count - read_count)``. */
export interface Conversation {
  corp_id: string
  conversation_id: string
  kind: "customer" | "direct" | "group"
  title: string | null
  people: Person[]
  people_count: number
  last_seq: number
  count: number
  last: Entry | null
  /** Microseconds since the Unix epoch, UTC */
  last_at: number
  joined_seq: number
  read_seq: number
  read_count: number
  reads: Receipt[]
  pinned: boolean
  muted: boolean
  marked_unread: boolean
  waiting_since: number | null
  state: "closed" | "open"
  closed_reason: string | null
}

/** A conversation is new, or its people, settings, state or waiting time changed. */
export interface ConversationFrame {
  type: "conversation"
  conversation: Conversation
}

/** A page of conversations, pinned ones first on the first page, then by last activity. */
export interface ConversationPage {
  items: Conversation[]
  next: string | null
  counts: Counts
}

/** A tenant as anybody may see it; ``badge`` is ``@`` and the short name, computed here and nowhere else. */
export interface Corp {
  corp_id: string
  name: string
  short_name: string
  badge: string
  verified_at: number | null
  logo_url: string | null
  time_zone: string
}

/** An owner of a corp, as operators see who answers for it. */
export interface CorpOwner {
  userid: string
  name: string
  status: "active" | "departed" | "invited" | "suspended"
}

/** What an owner or administrator changes about the corp; an absent field stays. */
export interface CorpPatch {
  name?: string
  short_name?: string
  logo_file_id?: string | null
  time_zone?: string
}

/** How many conversations wait for a reply, and how many hold something unread. */
export interface Counts {
  waiting: number
  unread: number
}

/** A customer as one member sees them; remark, description, company and phones are that member's notes. */
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
  related_at: number
  status: "active" | "blocked_by_customer" | "declined" | "deleted_by_customer" | "expired" | "requested"
  conversation_id: string | null
  other_followers: Person[]
  guest: boolean
}

/** What a member notes about a customer; an absent field stays, null or an empty text takes it away. */
export interface CustomerPatch {
  remark?: string | null
  description?: string | null
  company?: string | null
  phones?: string[]
}

/** A one-time code as the demo's visible inbox shows it. */
export interface DemoCode {
  phone: string
  code: string
  sent_at: number
}

/** The latest codes sent to a phone, newest first. */
export interface DemoInbox {
  items: DemoCode[]
}

/** A node of the corp's tree; the root has id 1. ``members`` counts those in it and below, without departed ones. */
export interface Department {
  id: number
  parent_id: number | null
  name: string
  order: number
  members: number
}

/** What is changed; an absent field stays. */
export interface DepartmentChange {
  name?: string
  parent_id?: number
  order?: number
}

/** The corp's whole tree by order; ``next`` is always null. */
export interface DepartmentList {
  items: Department[]
  next: string | null
}

/** The read cursor is committed. */
export interface Done {
  type: "done"
  ref: string
  read_seq: number
  read_count: number
}

/** What the relation is now. */
export interface EndAnswer {
  status: "active" | "blocked_by_customer" | "declined" | "deleted_by_customer" | "expired" | "requested"
}

/** ``block``: not to be reached again; scanning a code of one's own accord still starts anew. */
export interface EndRequest {
  block?: boolean
}

/** One entry of the log. ``seq`` is dense; ``count`` is the number of messages up to and with it. ``body`` null is a stub. */
export interface Entry {
  seq: number
  count: number
  id: string
  kind: "file" | "image" | "link" | "recall" | "system" | "text" | "voice"
  sender: string | null
  client_id: string | null
  target_seq: number | null
  body: Text | Image | Attachment | Voice | Link | System | Recall | null
  /** Microseconds since the Unix epoch, UTC */
  sent_at: number
  automatic: boolean
}

/** An entry was committed. Apply only seq = last + 1; drop what is held already. Fetch the range where a hole shows. */
export interface EntryFrame {
  type: "entry"
  corp_id: string
  conversation_id: string
  entry: Entry
  cursor: string
}

/** Entries in ascending order of seq; ``more`` when the log goes on in the direction asked for. */
export interface EntryRange {
  items: Entry[]
  more: boolean
}

/** A job that was given up after too many attempts; an administrator sees and replays it. */
export interface FailedJob {
  id: number
  kind: string
  key: string
  attempts: number
  error: string
  ended_at: number
}

/** What is wrong with one field: its path in the input and a sentence in the caller's language. */
export interface FieldProblem {
  path: string
  problem: string
}

/** A stored file as its uploader and its readers see it; pixels, milliseconds and bytes of what is stored. */
export interface File {
  file_id: string
  kind: "file" | "image" | "voice"
  name: string
  mime: string
  size: number
  width: number | null
  height: number | null
  duration_ms: number | null
}

/** The password to set: 8 to 128 characters, not a common one. */
export interface FirstPassword {
  password: string
  device?: string
}

/** Where a follower stands: ``lag`` facts behind the journal's head, the oldest of them ``behind_us`` old. */
export interface FollowerPlace {
  name: string
  cursor: number
  lag: number
  behind_us: number
  still_us: number
  parked: number
}

/** A corp just founded, with the link to hand to its owner. */
export interface FoundedCorp {
  corp: OperatorCorp
  invitation_url: string
}

/** A greeting as it is set: one text at most, pictures and links; null for none. In the text ``{customer}``, ``{member}`` and ``{corp}`` stand for the names. */
export interface GreetingSetting {
  greeting: (TextPart | ImagePart | LinkPart)[] | null
}

/** The process answers, and as what. */
export interface Health {
  status: string
  version: string
}

/** The first frame, within ten seconds; ``cursor`` is the last one the client holds, or null. */
export interface Hello {
  type: "hello"
  cursor?: string | null
}

/** A picture that was uploaded before; size in bytes, width and height in pixels come from the stored file. */
export interface Image {
  kind: "image"
  file_id: string
  width: number
  height: number
  size: number
}

/** A picture uploaded before; width, height (pixels) and size (bytes) are the stored file's, whatever was sent. */
export interface ImagePart {
  kind: "image"
  file_id: string
  width: number
  height: number
  size: number
}

/** A link to hand to the member; it is shown once and stored hashed. */
export interface InvitationLink {
  invitation_url: string
}

/** What somebody sees who opens a link: which corp, for whom, and whether it is the first password or a new one. */
export interface InvitationView {
  corp: Corp
  name: string
  purpose: "invite" | "reset"
}

/** A member just added, with the link to hand over. */
export interface InvitedMember {
  member: Member
  invitation_url: string
}

/** Deferred work: what waits for its time, what is due, what was given up. */
export interface JobFigures {
  waiting: number
  due: number
  oldest_due_at: number | null
  failed: number
}

/** What somebody sees who opened a code, before and after signing in. ``window`` is the member who will answer (or answers already), ``windows`` all who serve behind this code, at most 20. ``relation_status`` null: not accepted yet; ``requested``: the member has not answered the request; ``expired``: the member never did, one may ask again; ``declined``: one may ask again from ``ask_again_at`` on, at once when that is null. */
export interface Landing {
  code: string
  status: "closed" | "expired" | "open"
  corp: Corp
  window: Window | null
  windows: Window[]
  skip_verify: boolean
  relation_status: "active" | "blocked_by_customer" | "declined" | "deleted_by_customer" | "expired" | "requested" | null
  ask_again_at: number | null
  conversation_id: string | null
}

/** A link card; only http and https. */
export interface Link {
  kind: "link"
  url: string
  title: string
  description: string
  image_file_id: string | null
}

/** A link card; http and https only. */
export interface LinkPart {
  kind: "link"
  url: string
  title: string
  description: string
  image_file_id: string | null
}

/** What members change about themselves; an absent field stays, null empties it. */
export interface MePatch {
  alias?: string | null
  introduction?: string | null
  avatar_file_id?: string | null
  locale?: "en" | "zh-CN"
}

/** An employee's account in a corp, as colleagues see it. */
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
  role: "admin" | "member" | "owner"
  status: "active" | "departed" | "invited" | "suspended"
  real_name_verified_at: number | null
  window_id: string
  serves_customers: boolean
  created_at: number
  last_seen_at: number | null
}

/** What an administrator or the member changes; an absent field stays, null empties it. */
export interface MemberPatch {
  name?: string
  phone?: string | null
  alias?: string | null
  post?: string | null
  store_name?: string | null
  store_address?: string | null
  hours?: string | null
  introduction?: string | null
  avatar_file_id?: string | null
  departments?: number[]
  role?: "admin" | "member" | "owner"
  serves_customers?: boolean
}

/** A code to be made; without ``members`` it is the maker's. ``valid_until`` null: until it is closed. */
export interface NewContactWay {
  remark?: string
  state?: string
  skip_verify?: boolean
  exclusive?: boolean
  greeting?: (TextPart | ImagePart | LinkPart)[] | null
  valid_until?: number | null
  members?: string[] | null
}

/** A corp to found: its full name as on its licence, the short name of the badge, and its first owner. */
export interface NewCorp {
  name: string
  short_name: string
  owner: NewOwner
  time_zone?: string
}

/** A name and the department it lies below, the root when absent. */
export interface NewDepartment {
  name: string
  parent_id?: number
}

/** Open the conversation with a colleague. */
export interface NewDirect {
  kind: "direct"
  userid: string
}

/** A message to send; the same ``client_id`` is sent once only. */
export interface NewEntry {
  client_id: string
  body: Text | Image | Attachment | Voice | Link
}

/** Open a group of colleagues. */
export interface NewGroup {
  kind: "group"
  title: string
  userids: string[]
}

/** What is known of a member at the beginning; texts are cleaned and the phone parsed by ``create_member``. */
export interface NewMember {
  userid: string
  name: string
  phone?: string | null
  alias?: string | null
  post?: string | null
  store_name?: string | null
  store_address?: string | null
  hours?: string | null
  introduction?: string | null
  departments?: number[]
  role?: "admin" | "member" | "owner"
  serves_customers?: boolean
}

/** Who will own a corp; with a phone the owner can sign in with that too. */
export interface NewOwner {
  userid: string
  name: string
  phone?: string | null
}

/** A message to take back. */
export interface NewRecall {
  client_id: string
}

/** What a browser's ``PushSubscription.toJSON()`` says; other members of it are passed over. */
export interface NewSubscription {
  endpoint: string
  keys: PushKeys
}

/** The corp's own parked facts and failed jobs; the rest is of the installation, or of the process that answered. ``relay_lag_s`` is null where no other process shares the database. */
export interface Operations {
  parked: ParkedFact[]
  failed_jobs: FailedJob[]
  followers: FollowerPlace[]
  jobs: JobFigures
  sockets: number
  sending: Sending
  relay_lag_s: number | null
  storage: Storage
  version: string
  engine: string
  roles: string[]
  processes: ProcessPlace[]
}

/** Somebody who runs the platform; ``operator_id`` is what they sign in with. */
export interface Operator {
  operator_id: string
  name: string
  created_at: number
}

/** A corp as operators see it; ``members`` counts those who have not left. */
export interface OperatorCorp {
  corp: Corp
  status: "open" | "suspended"
  suspended_at: number | null
  created_at: number
  members: number
  owners: CorpOwner[]
}

/** Something an operator did to a corp; ``userid`` is the owner concerned, where one is. */
export interface OperatorDeed {
  deed_id: string
  operator_id: string
  kind: "corp_founded" | "corp_reopened" | "corp_suspended" | "corp_verified" | "owner_invited"
  corp_id: string
  userid: string | null
  reason: string | null
  at: number
}

/** Whose one-time secret it is, and whether it sets the first password or a new one. */
export interface OperatorInvitation {
  name: string
  purpose: "invite" | "reset"
}

/** Who is signed in on the operator surface. */
export interface OperatorMe {
  operator: Operator
  session_id: string
  locale: "en" | "zh-CN"
}

/** The password to set: 8 to 128 characters, not a common one. */
export interface OperatorPassword {
  password: string
  device?: string
}

/** The present password and the one to set. */
export interface OperatorPasswordChange {
  current: string
  new: string
}

/** ``login`` is what the operator was named on the command line. */
export interface OperatorSignIn {
  login: string
  password: string
  device?: string
}

/** A bearer token for the operator surface; shown once, and no longer good than a session of a browser. */
export interface OperatorToken {
  token: string
  session_id: string
  lasts_s: number
}

/** A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end. */
export interface PageOfContactWay {
  items: ContactWay[]
  next: string | null
}

/** A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end. */
export interface PageOfCustomer {
  items: Customer[]
  next: string | null
}

/** A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end. */
export interface PageOfMember {
  items: Member[]
  next: string | null
}

/** A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end. */
export interface PageOfOperatorCorp {
  items: OperatorCorp[]
  next: string | null
}

/** A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end. */
export interface PageOfOperatorDeed {
  items: OperatorDeed[]
  next: string | null
}

/** A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end. */
export interface PageOfSession {
  items: Session[]
  next: string | null
}

/** A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end. */
export interface PageOfWelcomeRecord {
  items: WelcomeRecord[]
  next: string | null
}

/** A fact that a follower could not handle. */
export interface ParkedFact {
  follower: string
  fact_id: number
  kind: string
  attempts: number
  error: string
  parked_at: number
}

/** The present password and the one to set: 8 to 128 characters, not a common one. */
export interface PasswordChange {
  current: string
  new: string
}

/** Somebody on the other side of a screen: a member (``m:``) or a customer (``c:``), unique inside one corp. ``badge`` is set for members as consumers see them and null inside the corp. A ``suspended`` member does not answer for now, a ``departed`` one never again. */
export interface Person {
  id: string
  name: string
  badge: string | null
  post: string | null
  avatar_url: string | null
  departed: boolean
  suspended: boolean
}

/** The heartbeat; ``seqs`` holds the last seq the client has of each conversation on screen. */
export interface Ping {
  type: "ping"
  seqs?: Record<string, number>
}

/** A limit as an administrator sees it: ``value`` holds now; ``ceiling`` is what the platform allows at most. */
export interface PolicyItem {
  name: string
  unit: string
  value: number | boolean | string
  default: number | boolean | string
  presets: Record<string, number | boolean | string>
  minimum: number | null
  maximum: number | null
  ceiling: number | boolean | string | null
  source: string
  description: string
  changed_at: number | null
  changed_by: string | null
}

/** Every policy that a corp may set. */
export interface PolicyList {
  items: PolicyItem[]
}

/** The value to set; null goes back to the preset. */
export interface PolicyValue {
  value: number | boolean | string | null
}

/** The heartbeat's answer; ``stale`` names conversations of which the client misses entries. With the true last seq. */
export interface Pong {
  type: "pong"
  stale: Record<string, number>
  server_time: number
}

/** The body of every refusal (RFC 9457, application/problem+json). */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  errcode: number
  fields: FieldProblem[]
  trace: string | null
  retry_after_s: number | null
}

/** A process of the installation that does something alone for all: its leases. */
export interface ProcessPlace {
  name: string
  is_this: boolean
  leases: string[]
}

/** The browser's public key and secret, as ``PushSubscription.toJSON()`` writes them. */
export interface PushKeys {
  p256dh: string
  auth: string
}

/** What browsers subscribe with: the installation's public key (``applicationServerKey``). */
export interface PushServer {
  public_key: string
}

/** How far somebody has read. */
export interface Read {
  read_seq: number
  read_count: number
}

/** Everything up to ``seq`` was seen. Answered by ``done`` or ``refused``. */
export interface ReadFrame {
  type: "read"
  ref: string
  conversation_id: string
  seq: number
}

/** Somebody read on: oneself on another device, or another participant whose receipt may be seen. */
export interface ReadMovedFrame {
  type: "read"
  corp_id: string
  conversation_id: string
  person: string
  read_seq: number
  read_count: number
}

/** How far was read. */
export interface ReadUpTo {
  seq: number
}

/** The entry at ``target_seq`` was taken back; its body is gone. */
export interface Recall {
  kind: "recall"
}

/** Take back one's own message at ``target_seq``. Answered by ``ack`` or ``refused``. */
export interface RecallFrame {
  type: "recall"
  ref: string
  conversation_id: string
  client_id: string
  target_seq: number
}

/** Another participant's read cursor. */
export interface Receipt {
  person: string
  read_seq: number
}

/** A frame was refused; nothing changed. ``ref`` is the frame's own, or null when it could not be read. */
export interface Refused {
  type: "refused"
  ref: string | null
  problem: Problem
}

/** Whom one talks to: the member's window as of now, what the relation is, the code that began it, if one did. */
export interface RelationCard {
  window: Window
  status: "active" | "blocked_by_customer" | "declined" | "deleted_by_customer" | "expired" | "requested"
  code: string | null
}

/** The fact or job was handed on again. */
export interface Replayed {
  replayed: boolean
}

/** Frames were dropped because the connection was too slow: fetch ``sync``. */
export interface Resync {
  type: "resync"
}

/** Send a message. Answered by ``ack`` or ``refused`` with the same ``ref``. The same ``client_id`` is sent once only. */
export interface Send {
  type: "send"
  ref: string
  conversation_id: string
  client_id: string
  body: Text | Image | Attachment | Voice | Link
}

/** What this process sent: messages in each whole minute, the latest last, and how fast in the last five. ``p50_ms`` and ``p99_ms`` are null where nothing was sent. */
export interface Sending {
  since: number
  per_minute: number[]
  p50_ms: number | null
  p99_ms: number | null
}

/** What was committed for a ``client_id``; ``duplicate`` when it had been committed before. */
export interface Sent {
  conversation_id: string
  seq: number
  count: number
  id: string
  /** Microseconds since the Unix epoch, UTC */
  sent_at: number
  duplicate: boolean
}

/** When the next code may be asked for and how long this one counts. */
export interface SentCode {
  resend_after_s: number
  expires_in_s: number
}

/** A signed-in device as its owner, or an administrator of the corp, sees it. */
export interface Session {
  session_id: string
  surface: "admin" | "consumer" | "operator" | "staff"
  device: string
  user_agent: string
  ip: string
  created_at: number
  seen_at: number
  expires_at: number
  current: boolean
  person: string | null
  userid: string | null
}

/** One's own devices; ``next`` is always null, a person has few. */
export interface SessionList {
  items: Session[]
  next: string | null
}

/** What a participant may change about their own view; absent fields stay. ``waiting: false`` means "done". */
export interface Settings {
  pinned?: boolean | null
  muted?: boolean | null
  marked_unread?: boolean | null
  waiting?: false | null
}

/** Who can sign in, and which codes can be scanned. */
export interface Showcase {
  accounts: ShownAccount[]
  contact_codes: ShownCode[]
}

/** An account as the sign-in pages offer it; ``password`` is null where a one-time code is used. */
export interface ShownAccount {
  surface: "admin" | "consumer" | "operator" | "staff"
  role: string
  name: string
  login: string
  password: string | null
  corp: string
}

/** A code to be scanned or opened. */
export interface ShownCode {
  code: string
  url: string
  name: string
}

/** ``corp`` is the short name or the id, ``login`` the userid or the phone. */
export interface SignIn {
  corp: string
  login: string
  password: string
  device?: string
}

/** Who is signed in on the staff or the admin surface. */
export interface StaffMe {
  member: Member
  corp: Corp
  session_id: string
  locale: "en" | "zh-CN"
}

/** What the installation stores; ``growth_bytes_per_day`` is null until two measurements are a day apart. */
export interface Storage {
  database_bytes: number
  log_bytes: number | null
  free_bytes: number
  files_bytes: number | null
  measured_at: number | null
  growth_bytes_per_day: number | null
}

/** What changed since a cursor. ``reset``: drop what is cached and start over; ``more``: ask on from ``cursor``. */
export interface Sync {
  epoch: string
  cursor: string
  reset: boolean
  conversations: Conversation[]
  more: boolean
}

/** A line that the product wrote, such as who was added; never counted as unread. */
export interface System {
  kind: "system"
  event: "customer_added" | "group_created" | "member_joined" | "member_left" | "welcome_skipped"
  params: Record<string, string>
}

/** Plain text; links in it are made clickable by the client. The limit is a policy, in UTF-8 bytes. */
export interface Text {
  kind: "text"
  text: string
}

/** Words of a welcome; ``{customer}``, ``{member}`` and ``{corp}`` become the names when it is sent. At most ``customers.welcome_text_bytes`` bytes of UTF-8. */
export interface TextPart {
  kind: "text"
  text: string
}

/** A program's bearer token; shown once. */
export interface Token {
  token: string
  session_id: string
}

/** As for signing in; ``name`` is what the token is called in the list of devices. */
export interface TokenRequest {
  corp: string
  login: string
  password: string
  name: string
}

/** The person is writing; at most one per three seconds is passed on. */
export interface TypingFrame {
  type: "typing"
  conversation_id: string
}

/** Somebody is writing in a conversation that is on screen; best effort. */
export interface TypingSignal {
  type: "typing"
  corp_id: string
  conversation_id: string
  person: string
}

/** A voice message that was uploaded before. */
export interface Voice {
  kind: "voice"
  file_id: string
  duration_ms: number
  mime: string
  size: number
}

/** The conversations on screen: typing signals and the heartbeat's comparison apply to these. */
export interface Watch {
  type: "watch"
  conversation_ids: string[]
}

/** A member who answers a contact way. */
export interface WayMember {
  userid: string
  name: string
  avatar_url: string | null
}

/** The answer to hello. ``resync`` true: fetch ``sync`` before trusting what is cached. */
export interface Welcome {
  type: "welcome"
  epoch: string
  cursor: string
  session_id: string
  heartbeat_s: number
  server_time: number
  resync: boolean
}

/** What became of one welcome; ``customer`` and ``member`` are names, ``at`` is when it was settled. */
export interface WelcomeRecord {
  welcome_id: string
  external_userid: string
  customer: string
  userid: string
  member: string
  status: "expired" | "pending" | "sent" | "skipped"
  reason: "conversation_closed" | "file_missing" | "member_cannot_serve" | "no_greeting" | "refused" | "relation_ended" | "text_too_long" | "too_late" | null
  at: number
}

/** A member's outward face, with only what is meant for outside; ``checked_at`` is when the server answered. */
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
  real_name_verified_at: number | null
  status: "active" | "departed" | "suspended"
  checked_at: number
}

/** Why; it stays on record. */
export interface WithReason {
  reason?: string | null
}

export type ClientFrame =
  | Hello
  | Watch
  | Ping
  | Send
  | RecallFrame
  | ReadFrame
  | TypingFrame

export type ServerFrame =
  | Welcome
  | Pong
  | Refused
  | Resync
  | Bye
  | Ack
  | Done
  | EntryFrame
  | ReadMovedFrame
  | ConversationFrame
  | TypingSignal
