/** The picture sample: a map of the harbour, drawn as SVG without text, so that no machine's fonts matter. */
import sharp from "sharp";

export async function harbourPicture(): Promise<Buffer> {
  const piers = [0, 1, 2, 3, 4]
    .map(
      (index) =>
        `<rect x="${260 + index * 210}" y="420" width="70" height="${300 + (index % 3) * 60}" rx="6"/>`,
    )
    .join("");
  const depths = [1, 2, 3, 4, 5, 6]
    .map(
      (line) =>
        `<path d="M-50 ${640 + line * 62} C 400 ${520 + line * 70}, 900 ${820 + line * 40}, 1650 ${600 + line * 66}" opacity="${1 - line / 9}"/>`,
    )
    .join("");
  const ships = [
    [350, 600, 0],
    [560, 560, 0],
    [980, 640, 0],
    [1120, 950, 24],
    [480, 1010, -12],
  ]
    .map(
      ([x, y, turn]) =>
        `<path transform="translate(${x} ${y}) rotate(${turn})" d="M0 0 q18 26 18 60 v70 h-36 v-70 q0-34 18-60z"/>`,
    )
    .join("");
  const houses = Array.from({ length: 60 }, (_, index) => {
    const x = 60 + (index % 15) * 98 + ((index * 37) % 23);
    const y = 40 + Math.floor(index / 15) * 86 + ((index * 53) % 19);
    return `<rect x="${x}" y="${y}" width="${46 + ((index * 29) % 34)}" height="${38 + ((index * 17) % 26)}"/>`;
  }).join("");
  return await sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1200">
      <rect width="1600" height="1200" fill="#0b6b74"/>
      <g fill="none" stroke="#5fb3b3" stroke-width="5">${depths}</g>
      <path d="M0 0h1600v420H0z" fill="#e9e2d0"/><path d="M0 400h1600v26H0z" fill="#b9ab8b"/>
      <g fill="#c9bd9f">${piers}</g><g fill="#b4483a">${houses}</g>
      <g fill="#f6f4ee" stroke="#14212b" stroke-width="4">${ships}</g>
      <circle cx="1330" cy="880" r="30" fill="#e4572e"/><circle cx="220" cy="960" r="22" fill="#e4572e"/>
    </svg>`),
  )
    .png({ compressionLevel: 9 })
    .toBuffer();
}
