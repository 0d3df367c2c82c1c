"""Bodies as the document shows them: the seed's own examples, and answers to them."""

from typing import Any

GENERATE: dict[str, Any] = {
    "prompt": "Brand logo animation with motion graphics",
    "model": "sora-2-pro",
    "duration": 8,
    "referenceImageUrls": ["https://example.com/logo.png"],
    "refinementPrompt": "Make it cinematic with dramatic lighting",
}
BRAND_LOGO = {
    "prompt": "Animated brand logo with motion graphics and transitions",
    "model": "sora-2-pro",
    "duration": 6,
    "referenceImageUrls": [
        "https://company.com/logo.png",
        "https://company.com/brand-colors.png",
    ],
    "refinementPrompt": "Professional, cinematic, premium quality",
}
COMPARED = {
    "prompt": "Sunset on a beach with crashing waves",
    "model": "veo-3.1",
    "duration": 6,
    "refinementPrompt": "Cinematography: golden hour, calm, serene",
}
IN_A_CAMPAIGN = {
    "prompt": "A kettle comes to the boil on a gas stove",
    "aspectRatio": "9:16",
    "campaignId": "spring-26",
}
BRAND_ANIMATION = {
    "brandLogoUrl": "https://example.com/logo.png",
    "productName": "ProductName",
    "tagline": "Your tagline here",
}
PRODUCT_SHOWCASE = {
    "productName": "iPhone 15",
    "productDescription": "Latest flagship smartphone",
    "referenceImageUrls": ["https://example.com/phone.png"],
}
SOCIAL_MEDIA = {
    "concept": "Product unboxing",
    "platform": "tiktok",
    "brandImages": ["https://example.com/product.png", "https://example.com/logo.png"],
}

JOB_ID = "job-0199f1c2a4b87d3e"
SESSION_ID = "session-0199f1c2a4b87d00"
FREE = {"amount": 0, "currency": "USD"}
STATUS_URL = f"https://api.example.com/api/video/jobs/{JOB_ID}"

RESULT: dict[str, Any] = {
    "videoUrl": "https://r2.example.com/videos/generated/video-123.mp4",
    "videoPath": "videos/generated/video-123.mp4",
    "prompt": GENERATE["prompt"],
    "refinedPrompt": "Professional brand logo animation with dynamic motion graphics, "
    "dramatic lighting, slow push in",
    "model": "sora-2-pro",
    "duration": 8,
    "referenceImages": [
        {"url": "https://example.com/logo.png", "uploadedAt": "2024-01-15T10:30:00.000Z"}
    ],
    "metadata": {
        "generatedAt": "2024-01-15T10:31:45.000Z",
        "provider": "replicate",
        "resolution": "1920x1080",
    },
    "jobId": JOB_ID,
    "creativeId": "video-123",
    "cost": {"amount": 2_400_000, "currency": "USD"},
    "warnings": [],
}
STOOD_IN: dict[str, Any] = {
    **RESULT,
    "model": "draft",
    "requestedModel": "sora-2-pro",
    "metadata": {**RESULT["metadata"], "provider": "local"},
    "cost": FREE,
}
ACCEPTED = {"jobId": JOB_ID, "state": "queued", "statusUrl": STATUS_URL}
QUOTE: dict[str, Any] = {
    "model": "veo-3.1",
    "requestedModel": "sora-2-pro",
    "total": {"amount": 3_200_000, "currency": "USD"},
    "lines": [
        {
            "description": "Google Veo 3.1, 8 s",
            "seconds": 8,
            "amount": {"amount": 3_200_000, "currency": "USD"},
        }
    ],
    "warnings": [],
}
RUNNING = {
    "jobId": JOB_ID,
    "state": "running",
    "stage": "rendering",
    "progress": {
        "jobId": JOB_ID,
        "n": 12,
        "stage": "rendering",
        "fraction": 0.4,
        "etaSeconds": 70,
        "elapsedSeconds": 48.2,
    },
    "quote": QUOTE,
    "model": "veo-3.1",
    "requestedModel": "sora-2-pro",
}
CANCELLED = {
    "jobId": JOB_ID,
    "state": "cancelled",
    "quote": QUOTE,
    "model": "veo-3.1",
    "requestedModel": "sora-2-pro",
    "charged": "no",
}
MODELS = [
    {
        "key": "sora-2-pro",
        "name": "OpenAI Sora 2 Pro",
        "description": "Premium video generation with reference image support, 5-60 seconds",
        "durationRange": {"min": 5, "max": 60},
        "supportsReferenceImages": True,
        "quality": "highest",
        "available": True,
        "lifecycle": {"state": "retired", "retiredOn": "2026-09-24", "replacements": ["veo-3.1"]},
        "aspectRatios": ["16:9", "9:16"],
        "maxReferenceImages": 1,
        "typicalSeconds": {"min": 120, "max": 300, "estimate": True},
    },
    {
        "key": "veo-3.1",
        "name": "Google Veo 3.1",
        "description": "High-quality video generation, 4-8 seconds",
        "durationRange": {"min": 4, "max": 8},
        "supportsReferenceImages": True,
        "quality": "high",
        "available": True,
        "lifecycle": {"state": "active"},
        "aspectRatios": ["16:9", "9:16"],
        "maxReferenceImages": 3,
        "pricePerSecond": {"amount": 400_000, "currency": "USD"},
        "typicalSeconds": {"min": 60, "max": 120, "estimate": False},
    },
]
UPLOAD_BY_URL = {"url": "https://example.com/logo.png", "role": "logo"}
UPLOADED = {
    "uploadId": "upload-0199f1c2a4b87d11",
    "url": "https://api.example.com/media/videos/references/upload-0199f1c2a4b87d11.png"
    "?expires=1767225600&signature=9f2c",
    "path": "videos/references/upload-0199f1c2a4b87d11.png",
    "contentType": "image/png",
    "size": 48_213,
    "width": 800,
    "height": 400,
    "warnings": [{"code": "small_image", "message": "The image is smaller than 512 × 512."}],
}
SESSIONS = {
    "sessions": [
        {
            "sessionId": SESSION_ID,
            "title": "A kettle comes to the boil",
            "updatedAt": "2026-11-22T15:04:05.123Z",
            "head": 14,
        }
    ]
}
ENTRIES = {
    "entries": [
        {
            "sessionId": SESSION_ID,
            "seq": 13,
            "at": "2026-11-22T15:04:05.123Z",
            "type": "message.added",
            "turnId": "turn-0199f1c2a4b87d22",
            "data": {
                "messageId": "message-0199f1c2a4b87d33",
                "sender": "user",
                "text": "Make a film of our kettle",
                "uploads": [],
            },
        }
    ],
    "head": 14,
    "more": True,
    "epoch": "b3f1a2",
}
CREATIVE: dict[str, Any] = {
    "_id": "video-123",
    "type": "video",
    "campaignId": "spring-26",
    "status": "needsReview",
    "visual": {
        "prompt": RESULT["prompt"],
        "url": RESULT["videoUrl"],
        "refinedPrompt": RESULT["refinedPrompt"],
        "model": RESULT["model"],
        "duration": RESULT["duration"],
        "referenceImages": RESULT["referenceImages"],
        "posterUrl": "https://r2.example.com/videos/generated/video-123.jpg",
        "previewUrl": "https://r2.example.com/videos/generated/video-123-preview.mp4",
        "aspectRatio": "16:9",
    },
    "metadata": RESULT["metadata"],
    "createdAt": "2024-01-15T10:31:45.000Z",
    "updatedAt": "2024-01-15T10:31:45.000Z",
}
CREATIVES = {"creatives": [CREATIVE]}
REVIEW = {"status": "approved", "note": "The second half is what we wanted."}
REVIEWED = {"creative": {**CREATIVE, "status": "approved"}}
USAGE = {
    "spent": {"amount": 4_800_000, "currency": "USD"},
    "reserved": {"amount": 3_200_000, "currency": "USD"},
    "limit": {"amount": 25_000_000, "currency": "USD"},
    "bytesStored": 48_201_133,
}
