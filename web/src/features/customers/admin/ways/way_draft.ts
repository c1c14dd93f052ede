/** What a code's form holds, and what of it goes to the server. */
import type { ContactWay, ContactWayPatch, NewContactWay } from '@/contract/generated'
import { draftOf as greetingDraftOf, partsOf, type GreetingDraft } from '../greeting/greeting_draft'
import { fromFieldTime, toFieldTime } from '../zoned_time'

export interface WayDraft {
  members: string[]
  remark: string
  state: string
  skip_verify: boolean
  exclusive: boolean
  hasGreeting: boolean
  greeting: GreetingDraft
  /** As the field has it, on the wall clock of the company; empty: until it is closed. */
  until: string
}

export function emptyDraft(): WayDraft {
  return { members: [], remark: '', state: '', skip_verify: true, exclusive: false, hasGreeting: false, greeting: greetingDraftOf(null), until: '' }
}

export function draftOf(way: ContactWay, zone: string): WayDraft {
  return {
    members: way.members.map((one) => one.userid), remark: way.remark, state: way.state, skip_verify: way.skip_verify, exclusive: way.exclusive,
    hasGreeting: way.greeting !== null, greeting: greetingDraftOf(way.greeting), until: way.valid_until === null ? '' : toFieldTime(way.valid_until, zone),
  }
}

const greetingOf = (draft: WayDraft) => (draft.hasGreeting ? partsOf(draft.greeting) : null)
const untilOf = (draft: WayDraft, zone: string) => (draft.until === '' ? null : fromFieldTime(draft.until, zone))

export function newWay(draft: WayDraft, zone: string): NewContactWay {
  return {
    members: draft.members, remark: draft.remark.trim(), state: draft.state.trim(), skip_verify: draft.skip_verify, exclusive: draft.exclusive,
    greeting: greetingOf(draft), valid_until: untilOf(draft, zone),
  }
}

/** Only what differs: a validity that has passed meanwhile would be refused although nobody touched it. */
export function patchOf(way: ContactWay, draft: WayDraft, zone: string): ContactWayPatch {
  const before = newWay(draftOf(way, zone), zone)
  const after = newWay(draft, zone)
  const changed = Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof NewContactWay]))
  return Object.fromEntries(changed) as ContactWayPatch
}
