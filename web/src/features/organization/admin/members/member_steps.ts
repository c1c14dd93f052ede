/** What an administrator does with a member. Each asks first where sessions end or something cannot be taken back. */
import type { InvitationLink, Member } from '@/contract/generated'
import { attempt } from '@/features/identity/admin/attempt'
import { api } from '@/features/identity/admin/session'
import { confirm, toast } from '@/ui'
import type { Invitation } from './InvitationDialog.vue'
import { t } from './messages'

type Step = 'suspend' | 'restore' | 'depart' | 'verify'

const pathOf = (member: Member, step: string) => `members/${encodeURIComponent(member.userid)}/${step}`

export function useMemberSteps(changed: (member: Member) => void) {
  async function take(member: Member, step: Step): Promise<void> {
    await attempt(async () => {
      changed(await api.post<Member>(pathOf(member, step), undefined, { idempotency: true }))
      toast({ tone: 'ok', text: t(`step.${step}.done`, { name: member.name }) })
    })
  }

  return {
    async suspend(member: Member): Promise<void> {
      const question = { title: t('step.suspend.title', { name: member.name }), text: t('step.suspend.text'), confirmLabel: t('step.suspend'), danger: true }
      if (await confirm(question)) await take(member, 'suspend')
    },
    restore: (member: Member) => take(member, 'restore'),
    async depart(member: Member): Promise<void> {
      const question = {
        title: t('step.depart.title', { name: member.name }), text: t('step.depart.text'), confirmLabel: t('step.depart'), danger: true, typed: member.name,
      }
      if (await confirm(question)) await take(member, 'depart')
    },
    async verify(member: Member): Promise<void> {
      const question = { title: t('step.verify.title', { name: member.name }), text: t('step.verify.text'), confirmLabel: t('step.verify.confirm') }
      if (await confirm(question)) await take(member, 'verify')
    },
    /** A new link ends the earlier one, so a reset asks first; null when it was not made. */
    async invite(member: Member): Promise<Invitation | null> {
      const purpose = member.status === 'invited' ? 'invite' : 'reset'
      if (purpose === 'reset' && !(await confirm({ title: t('step.reset.title', { name: member.name }), text: t('step.reset.text'), confirmLabel: t('step.reset') }))) return null
      let made: Invitation | null = null
      await attempt(async () => {
        const { invitation_url } = await api.post<InvitationLink>(pathOf(member, 'invite'))
        made = { name: member.name, url: invitation_url, purpose }
      })
      return made
    },
  }
}
