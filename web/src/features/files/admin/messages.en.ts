import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'picture.choose': 'Choose a picture',
  'picture.change': 'Change',
  'picture.remove': 'Remove',
  'picture.uploading': 'Uploading the picture',
} satisfies Translation<typeof zh>
