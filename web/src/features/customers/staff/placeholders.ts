/** What a welcome may hold for names: shown to people as they write it. */
export const PLACEHOLDERS = { customer: '{customer}', member: '{member}', corp: '{corp}' } as const
