// The seed's usage examples and endpoint examples, as its document prints them, for Node.
//
//   STUDIO_URL=… STUDIO_TOKEN=… IMAGE=logo.png node seed.mjs
//
// prints {answers: {NAME: [{path, status, body}, …]}, printed: [line, …]}. `fetch` and `console` are
// ours, so that every answer and every printed line is kept; the examples themselves are the seed's.
// Where it writes "https://..." a whole address stands.
import { readFile } from 'node:fs/promises';

const { STUDIO_URL, STUDIO_TOKEN: token, IMAGE } = process.env;
const imageFile = new File([await readFile(IMAGE)], 'product.png', { type: 'image/png' });
const printed = [];
const console = { log: (line) => printed.push(line) };
let answers = [];

async function fetch(path, init) {
  // In the order in which they were asked for: several are under way at once.
  const answer = { path };
  answers.push(answer);
  const response = await globalThis.fetch(STUDIO_URL + path, init);
  answer.status = response.status;
  answer.body = await response.clone().json();
  return response;
}

const order = (path, body) =>
  fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

const examples = {
  async health() {
    await fetch('/api/video/models', { headers: { Authorization: `Bearer ${token}` } });
  },

  async generate() {
    await order('/api/video/generate', {
      "prompt": "Brand logo animation with motion graphics",
      "model": "sora-2-pro",
      "duration": 8,
      "referenceImageUrls": ["https://example.com/logo.png"],
      "refinementPrompt": "Make it cinematic with dramatic lighting"
    });
  },

  async brandAnimation() {
    await order('/api/video/examples/brand-animation', {
      "brandLogoUrl": "https://example.com/logo.png",
      "productName": "ProductName",
      "tagline": "Your tagline here"
    });
  },

  async productShowcase() {
    await order('/api/video/examples/product-showcase', {
      "productName": "iPhone 15",
      "productDescription": "Latest flagship smartphone",
      "referenceImageUrls": ["https://example.com/logo.png"]
    });
  },

  async socialMedia() {
    await order('/api/video/examples/social-media', {
      "concept": "Product unboxing",
      "platform": "tiktok",
      "brandImages": ["https://example.com/logo.png"]
    });
  },

  async example1() {
    const response = await fetch('/api/video/generate', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Authorization': `Bearer ${token}`
      },
      body: JSON.stringify({
        prompt: 'Animated brand logo with motion graphics and transitions',
        model: 'sora-2-pro',
        duration: 6,
        referenceImageUrls: [
          'https://company.com/logo.png',
          'https://company.com/brand-colors.png'
        ],
        refinementPrompt: 'Professional, cinematic, premium quality'
      })
    });

    const result = await response.json();
    console.log(`Video URL: ${result.videoUrl}`);
    console.log(`Refined Prompt: ${result.refinedPrompt}`);
  },

  async example2() {
    // Upload reference image first
    const uploadFormData = new FormData();
    uploadFormData.append('file', imageFile);

    const uploadResponse = await fetch('/api/storage/upload', {
      method: 'POST',
      headers: { 'Authorization': `Bearer ${token}` },
      body: uploadFormData
    });

    const uploadedImage = await uploadResponse.json();

    // Generate video using uploaded image
    const videoResponse = await fetch('/api/video/generate', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Authorization': `Bearer ${token}`
      },
      body: JSON.stringify({
        prompt: 'Professional product showcase video',
        model: 'sora-2-pro',
        duration: 10,
        referenceImageUrls: [uploadedImage.url],
        refinementPrompt: 'Modern, clean, corporate aesthetic'
      })
    });
  },

  async example3() {
    // Generate platform-specific videos
    const generateForPlatform = async (platform) => {
      const response = await fetch('/api/video/examples/social-media', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Authorization': `Bearer ${token}`
        },
        body: JSON.stringify({
          concept: 'Product announcement',
          platform: platform,
          brandImages: [
            'https://company.com/product.png',
            'https://company.com/logo.png'
          ]
        })
      });

      return await response.json();
    };

    // Generate for all platforms
    const videos = await Promise.all([
      generateForPlatform('instagram'),
      generateForPlatform('tiktok'),
      generateForPlatform('youtube')
    ]);

    videos.forEach(video => {
      console.log(`${video.metadata.generatedAt}: ${video.videoUrl}`);
    });
  },

  async example4() {
    await compare(['sora-2-pro', 'veo-3.1', 'runway-gen3']);
  },

  // The one of the table of supported models that example 4 leaves out.
  async fourthModel() {
    await compare(['runway-gen2']);
  },
};

async function compare(models) {
  const comparisons = await Promise.all(
    models.map(model =>
      fetch('/api/video/generate', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Authorization': `Bearer ${token}`
        },
        body: JSON.stringify({
          prompt: 'Sunset on a beach with crashing waves',
          model: model,
          duration: 6,
          refinementPrompt: 'Cinematography: golden hour, calm, serene'
        })
      }).then(r => r.json())
    )
  );

  comparisons.forEach(video => {
    console.log(`${video.model} - ${video.videoUrl}`);
  });
}

const all = {};
for (const [name, run] of Object.entries(examples)) {
  answers = [];
  await run();
  all[name] = answers;
}
process.stdout.write(JSON.stringify({ answers: all, printed }));
