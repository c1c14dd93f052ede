"""Refusals of uploads and of attaching files; each says what is accepted."""

from rapport.kernel.errors import Refusal


class FileNotAttachable(Refusal):
    """The file does not exist, is not of the wanted kind, or is not the sender's to send: the three look the same."""

    status = 422
    code = "file_not_attachable"
    errcode = 40007
    zh = "找不到要发送的文件，请重新上传。"
    en = "The file to be sent was not found; upload it again."


class EmptyUpload(Refusal):
    """The body has no bytes."""

    status = 422
    code = "empty_upload"
    errcode = 44001
    zh = "文件是空的，请选择另一个文件。"
    en = "The file is empty; choose another one."


class TruncatedUpload(Refusal):
    """Fewer bytes arrived than Content-Length announced."""

    status = 400
    code = "truncated_upload"
    errcode = 44001
    zh = "上传中断，没有收完整，请重试。没有保存任何内容。"
    en = "The upload broke off before it was complete; try again. Nothing was kept."


class NotAnImage(Refusal):
    """What was uploaded as an image is not one that can be decoded."""

    status = 422
    code = "not_an_image"
    errcode = 40009
    zh = "这不是可以显示的图片。支持 JPEG、PNG、WebP、GIF。"
    en = "This is not a picture that can be shown. JPEG, PNG, WebP and GIF are accepted."


class ImageTooLarge(Refusal):
    """The picture has more pixels than the limit, whatever its size in bytes."""

    status = 422
    code = "image_too_large"
    errcode = 40009
    zh = "图片太大：最多 {limit_megapixels} 百万像素。"
    en = "The picture is too large: at most {limit_megapixels} megapixels are accepted."


class NotAVoiceMessage(Refusal):
    """What was uploaded as a voice message is not a recording that every browser's recorder makes."""

    status = 422
    code = "not_a_voice_message"
    errcode = 40007
    zh = "这不是语音录音。支持 WebM、Ogg（Opus）和 MP4（AAC、Opus）。"
    en = "This is not a voice recording. WebM and Ogg (Opus) and MP4 (AAC, Opus) are accepted."


class VoiceTooLong(Refusal):
    """The recording is longer than the corp's limit."""

    status = 422
    code = "voice_too_long"
    errcode = 45007
    zh = "语音太长，最多 {limit_s} 秒。"
    en = "The voice message is too long; at most {limit_s} seconds are accepted."


class FileTypeRefused(Refusal):
    """The content, or the ending of the name, is not on the list of accepted types."""

    status = 422
    code = "file_type_refused"
    errcode = 40004
    zh = (
        "不支持这种文件。可以发送：文档（PDF、Office、OpenDocument、纯文本）、"
        "压缩包（ZIP、RAR、7z、GZIP）、图片、音频和视频。"
    )
    en = (
        "This type of file is not accepted. Accepted are documents (PDF, Office, OpenDocument, plain text), "
        "archives (ZIP, RAR, 7z, GZIP), pictures, audio and video."
    )


class ArchiveRefused(Refusal):
    """An archive that would unpack to far more than it is, or that is damaged."""

    status = 422
    code = "archive_refused"
    errcode = 40004
    zh = "压缩包已损坏，或解压后过大，不能发送。"
    en = "The archive is damaged or would unpack to far too much, so it is not accepted."


class RangeNotSatisfiable(Refusal):
    """The asked-for range lies outside the file."""

    status = 416
    code = "range_not_satisfiable"
    errcode = 40058
    zh = "请求的范围超出文件大小（{size} 字节）。"
    en = "The requested range lies outside the file ({size} bytes)."
