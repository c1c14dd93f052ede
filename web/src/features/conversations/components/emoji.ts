/** A small set by category: what shop guides and customers send. Content of messages, never an icon of ours. */
export const EMOJI = {
  faces: '😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍🤩😘😗😚😙🥲😋😛😜🤪😝🤗🤭🤫🤔😐😑😶😏😒🙄😬😌😔😪😴😷🤒🤕🤢🤧🥵🥶😵🤯🥳😎🤓😕😟🙁😮😲😳🥺😦😨😰😥😢😭😱😖😣😞😓😩😫🥱😤😡',
  hands: '👋🤚✋👌🤏🤞🤟🤙👈👉👆👇👍👎✊👊👏🙌👐🤲🤝🙏💪🙇🙋🤷🙆🙅💁👀🧏🏃🚶💃🕺',
  nature: '🌹🌷🌸🌺🌻🌼💐🍀🌿🌱🌲🍁🌈🌞🌙🌟🔥💧🍎🍊🍋🍉🍇🍓🍑🍒🍜🍚🍞🧁🎂🍰🍫🍬🍵🧋🍻🥂🐶🐱🐰🐼🐯🐷🐵🐣🦋',
  things: '💗💛💚💙💜🖤💔💕💯💢💤🎉🎊🎁🎈🏅🏆🏀🎾🏸👟👕👖👗👜🎒🧢👓💄💍📱💻📷⌚🎧🚗🚄🏠🏪📦📍📞📅⏰💰🧾🔑🔔✅❌❓❗🆗🆕🔝🈵',
} as const

export type EmojiGroup = keyof typeof EMOJI

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const RECENT_KEY = 'rapport.emoji'
const RECENT_MOST = 16

export function emojiOf(group: EmojiGroup): string[] {
  return [...graphemes.segment(EMOJI[group])].map((each) => each.segment)
}

export function recentEmoji(): string[] {
  return [...graphemes.segment(localStorage.getItem(RECENT_KEY) ?? '')].map((each) => each.segment).slice(0, RECENT_MOST)
}

export function rememberEmoji(emoji: string): void {
  const recent = [emoji, ...recentEmoji().filter((each) => each !== emoji)].slice(0, RECENT_MOST)
  localStorage.setItem(RECENT_KEY, recent.join(''))
}
