/** In the renderer process: leaves of a stranger's HTML what can be printed, and nothing that names another place. */
import sanitize, { type IOptions, type Tag } from "sanitize-html";
import type { InlineImages } from "./inline-images.ts";

const TAGS = [
  ..."h1 h2 h3 h4 h5 h6 p div span br hr blockquote pre center address article section header footer main".split(
    " ",
  ),
  ..."ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td".split(" "),
  ..."a b i u s em strong small big sub sup code kbd samp var tt q cite abbr del ins mark strike font img".split(
    " ",
  ),
];

/** Words, numbers and colours; nothing with a URL in it. */
const PLAIN_VALUE = [/^(?!.*(?:url|expression|@|\\))[\w\s#%.,'"()-]+$/i];
const STYLES = [
  ..."color background background-color font font-family font-size font-style font-weight line-height".split(
    " ",
  ),
  ..."text-align text-decoration text-indent text-transform vertical-align white-space width height".split(
    " ",
  ),
  ..."margin margin-top margin-right margin-bottom margin-left".split(" "),
  ..."padding padding-top padding-right padding-bottom padding-left".split(" "),
  ..."border border-top border-right border-bottom border-left border-collapse border-color".split(" "),
  ..."border-style border-width list-style-type page-break-before page-break-after".split(" "),
];

const OPTIONS: IOptions = {
  allowedTags: TAGS,
  allowedAttributes: {
    "*": ["style", "class", "align", "valign", "bgcolor", "width", "height", "dir", "lang"],
    a: ["href"],
    font: ["color", "face", "size"],
    img: ["src", "alt"],
    ol: ["start", "type"],
    table: ["border", "cellpadding", "cellspacing"],
    td: ["colspan", "rowspan", "nowrap"],
    th: ["colspan", "rowspan", "nowrap"],
  },
  allowedStyles: { "*": Object.fromEntries(STYLES.map((name) => [name, PLAIN_VALUE])) },
  allowedSchemes: ["http", "https", "mailto", "tel"],
  allowedSchemesByTag: { img: ["data"] },
  allowProtocolRelative: false,
  nonTextTags: [
    "script",
    "style",
    "textarea",
    "select",
    "option",
    "button",
    "noscript",
    "title",
    "head",
    "template",
  ],
  // Beyond it LibreOffice's own parser runs out of stack.
  nestingLimit: 200,
  enforceHtmlBoundary: false,
};

/** Images that are not in `images` are replaced by their description. */
export function cleanHtml(html: string, images: InlineImages): string {
  const image = (_name: string, { src = "", alt = "", width }: Record<string, string>): Tag => {
    const found = images.get(src);
    if (!found) return { tagName: "span", attribs: {}, text: alt && `[${alt}]` };
    const asked = Number.parseInt(width ?? "", 10);
    const shown = Math.min(asked > 0 ? asked : found.width, found.width, MAX_IMAGE_WIDTH);
    const height = Math.max(1, Math.round((found.height / found.width) * shown));
    return { tagName: "img", attribs: { src: found.url, alt, width: String(shown), height: String(height) } };
  };
  return sanitize(html, { ...OPTIONS, transformTags: { img: image } });
}

/** As wide as the text on a page of A4, in pixels of 1/96 inch. */
const MAX_IMAGE_WIDTH = 640;

/** Style sheets without anything that could be fetched, and without their end tag. */
export function cleanStyleSheets(sheets: string): string {
  return sheets
    .replaceAll(/<!--|-->/g, "")
    .replaceAll(/[<\\]/g, "")
    .replaceAll(/@import[^;]*;?/gi, "")
    .replaceAll(/url\s*\([^)]*\)?/gi, "none")
    .replaceAll(/expression/gi, "");
}
