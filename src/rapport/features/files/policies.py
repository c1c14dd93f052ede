"""The limits of stored files, as policies.

A consumer's upload belongs to no corp yet: the platform's values hold for it.
"""

from rapport.kernel.policy import Policy, define

MEBIBYTE = 1024 * 1024

image_limit_bytes = define(
    Policy[int](
        name="files.image_limit_bytes",
        default=10 * MEBIBYTE,
        unit="bytes",
        source="wecom-api media/upload (image 10 MB)",
        zh="一张图片上传时的最大大小",
        en="Largest picture as it is uploaded",
        minimum=64 * 1024,
        maximum=50 * MEBIBYTE,
    )
)
image_limit_pixels = define(
    Policy[int](
        name="files.image_limit_pixels",
        default=50_000_000,
        unit="pixels",
        source="messaging-evidence.md §10 Files (archive-bomb limits); phones of 48 megapixels",
        zh="一张图片的最大像素数，超过的不解码",
        en="Most pixels of a picture; one with more is not decoded",
        minimum=1_000_000,
        maximum=120_000_000,
    )
)
image_side_pixels = define(
    Policy[int](
        name="files.image_side_pixels",
        default=4096,
        unit="pixels",
        source="our decision: sharp on every screen, a fifth of a phone's original",
        zh="图片保存时长边的最大像素，超过的等比缩小",
        en="Longest side of a picture as it is kept; larger ones are scaled down",
        minimum=1024,
        maximum=12_000,
    )
)
animation_limit_bytes = define(
    Policy[int](
        name="files.animation_limit_bytes",
        default=2 * MEBIBYTE,
        unit="bytes",
        source="our decision: a moving picture must not cost a phone's data; wecom-api media/uploadimg (2 MB)",
        zh="动图（GIF）的最大大小，超过的只保留第一帧",
        en="Largest animated GIF; of a larger one the first frame is kept",
        minimum=0,
        maximum=20 * MEBIBYTE,
    )
)
voice_limit_bytes = define(
    Policy[int](
        name="files.voice_limit_bytes",
        default=2 * MEBIBYTE,
        unit="bytes",
        source="wecom-api media/upload (voice 2 MB)",
        zh="一条语音的最大大小",
        en="Largest voice message",
        minimum=64 * 1024,
        maximum=20 * MEBIBYTE,
    )
)
voice_limit_s = define(
    Policy[int](
        name="files.voice_limit_s",
        default=60,
        unit="s",
        source="wecom-api media/upload (voice <= 60 s)",
        zh="一条语音的最长时间",
        en="Longest voice message",
        minimum=1,
        maximum=600,
    )
)
file_limit_bytes = define(
    Policy[int](
        name="files.file_limit_bytes",
        default=20 * MEBIBYTE,
        unit="bytes",
        source="wecom-api media/upload (file 20 MB); messaging-evidence.md §10 Files (cap 100 MB)",
        zh="一个文件的最大大小",
        en="Largest file",
        minimum=64 * 1024,
        maximum=100 * MEBIBYTE,
        presets={"wecom-3.0": 20 * MEBIBYTE, "wecom-today": 100 * MEBIBYTE},
    )
)
unused_hours = define(
    Policy[int](
        name="files.unused_hours",
        default=24,
        unit="hours",
        source="our decision: a draft of yesterday may still be sent, an abandoned one does not fill the disk",
        zh="上传后多久没有用到的文件会被清除",
        en="How long an uploaded file that nothing uses is kept",
        minimum=1,
        maximum=720,
        scope="platform",
    )
)
uploads_per_hour = define(
    Policy[int](
        name="files.uploads_per_hour",
        default=300,
        unit="uploads",
        source="our decision: more than a busy guide sends, less than fills a disk",
        zh="一个人每小时最多上传的文件数",
        en="Most uploads of one person in an hour",
        minimum=1,
        maximum=10_000,
    )
)
