/** What the apps take from here: a whole thread, and how a conversation is called and summed up. */
export { default as Composer } from './Composer.vue'
export { guardLongPress } from './long_press'
export { copyText } from './message_actions'
export { isOwnPerson, lastLineOf, nameOf, peerOf, previewOf, titleOf, typingText } from './people'
export type { Viewpoint } from './people'
export { sendKey, setSendKey } from './send_key'
export type { SendKey } from './send_key'
export { default as Thread } from './Thread.vue'
