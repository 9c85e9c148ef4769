/** The snippet of a preview: what is pushed into the page, and served for pages that are rendered anew. */
import { escapeHtml } from "./html.ts";
import { expectedPages, type Preview, type Rendition, type RenditionPage } from "./preview.ts";

/** What a snippet needs beside the preview. */
export interface SnippetOptions {
  /** Where browsers find the previews API, as `/previews`. */
  readonly previewsUrl: string;
  /** The scale that a page is shown at. */
  readonly scale: string;
}

/**
 * The same page has the same markup in every snippet of a rendition, so that a page that injects one after the
 * other can keep the images it shows. No script and no style: a strict Content-Security-Policy lets it through.
 */
export function renderSnippet(preview: Preview, options: SnippetOptions): string {
  const { record, rendition } = preview;
  const id = `preview-${record.uid}`;
  const attributes = [
    `id="${escapeHtml(id)}"`,
    'class="docconv-preview"',
    `data-push-version="${record.version}"`,
    `data-state="${record.state}"`,
  ];
  const pages = (rendition?.pages ?? []).map((page) => renderPage(preview, rendition, page, options));
  return [`<section ${attributes.join(" ")}>`, renderStatus(preview, id), ...pages, "</section>"].join("\n");
}

/** Where the pages of a preview are; it changes with the content, so that browsers may keep what they got. */
export function pageUrl(
  previewsUrl: string,
  uid: string,
  rendition: Rendition,
  page: number,
  scale: string,
): string {
  return `${previewsUrl}/${uid}/pages/${page}/${scale}?v=${renditionMark(rendition.key)}`;
}

/** A short mark of a rendition: the start of the checksum, and of how it was converted. */
export function renditionMark(key: string): string {
  const [checksum = "", settings = ""] = key.split("-");
  return checksum.slice(0, 12) + settings.slice(0, 4);
}

function renderStatus({ record, rendition }: Preview, id: string): string {
  const open = `<p id="${id}-status" class="docconv-status"`;
  switch (record.state) {
    case "failed":
      return `${open} role="alert">${escapeHtml(record.problem?.text ?? "There is no preview.")}</p>`;
    case "done":
    case "partial":
      return `${open} role="status">${rendition ? pagesShown(rendition) : ""}</p>`;
    default:
      return `${open} role="status">${renderProgress(rendition, `${id}-progress`)}</p>`;
  }
}

function renderProgress(rendition: Rendition | undefined, id: string): string {
  const finished = rendition?.pages.length ?? 0;
  const expected = rendition && expectedPages(rendition);
  if (finished === 0 || expected === undefined) {
    const label = finished === 0 ? "Preparing the preview" : `Page ${finished}`;
    return `<label for="${id}">${label}</label> <progress id="${id}"></progress>`;
  }
  const label = `Page ${finished} of ${expected}`;
  return `<label for="${id}">${label}</label> <progress id="${id}" value="${finished}" max="${expected}">${label}</progress>`;
}

function pagesShown(rendition: Rendition): string {
  const shown = rendition.pages.length;
  const all = rendition.pageCount ?? shown;
  if (shown === all) return all === 1 ? "1 page" : `${all} pages`;
  if (rendition.failedPages.length === 0) return `The first ${shown} of ${all} pages`;
  return `${shown} of ${all} pages. The others could not be shown: open the document itself to read them.`;
}

function renderPage(
  { record }: Preview,
  rendition: Rendition | undefined,
  page: RenditionPage,
  { previewsUrl, scale }: SnippetOptions,
): string {
  const shown = page.images[scale] ?? Object.values(page.images)[0];
  if (!rendition || !shown) return "";
  const id = `preview-${record.uid}-page-${page.number}`;
  const url = (name: string): string =>
    escapeHtml(pageUrl(previewsUrl, record.uid, rendition, page.number, name));
  // Images that are not enlarged can have one width at several scales; a srcset names each width once.
  const byWidth = new Map(Object.entries(page.images).map(([name, { width }]) => [width, name]));
  const srcset = [...byWidth].toSorted(([a], [b]) => a - b).map(([width, name]) => `${url(name)} ${width}w`);
  const attributes = [
    `id="${id}-image"`,
    `src="${url(scale)}"`,
    ...(srcset.length > 1 ? [`srcset="${srcset.join(", ")}"`, `sizes="${shown.width}px"`] : []),
    `width="${shown.width}"`,
    `height="${shown.height}"`,
    `alt="${escapeHtml(record.name ? `Page ${page.number} of ${record.name}` : `Page ${page.number}`)}"`,
    page.number === 1 ? 'loading="eager"' : 'loading="lazy"',
    'decoding="async"',
  ];
  return `<figure id="${id}" class="docconv-page"><img ${attributes.join(" ")}></figure>`;
}
