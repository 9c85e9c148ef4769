/** In the renderer process: PDFs, rendered by pdfium (wasm), a fresh instance for each document. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PDFiumModule } from "@hyzyla/pdfium";
import { DocumentError } from "../document-error.ts";
import { fitPage, largestWidth, type Size } from "../scale.ts";
import { salvagePdf } from "./salvage-pdf.ts";
import type { OpenDocument } from "./open-document.ts";
import { type Bitmap, encodePage } from "./page-images.ts";

// Node has it; TypeScript declares it for browsers only.
interface WasmInstance {
  readonly exports: object;
}
type WasmModule = object;
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: object) => WasmInstance;
};

type Pdfium = Awaited<ReturnType<typeof PDFiumModule>>;

// pdfium's fpdfview.h: error codes, bitmap formats and render flags.
const ERROR_PASSWORD = 4;
const ERROR_SECURITY = 5;
const FORMAT_BGR = 2;
const RENDER_ANNOTATIONS = 0x01;
const RENDER_RGB = 0x10;
const WHITE = 0xff_ff_ff_ff;
const BYTES_PER_PIXEL = 3;
/** Size of FPDF_FORMFILLINFO, generously. */
const FORM_INFO_BYTES = 256;

/** Opens PDFs; made once in a renderer process, because compiling pdfium takes 50 ms. */
export type OpenPdf = (bytes: Uint8Array) => Promise<OpenDocument>;

/** Compiles pdfium. */
export async function loadPdfium(): Promise<OpenPdf> {
  const wasm = await readFile(fileURLToPath(import.meta.resolve("@hyzyla/pdfium/pdfium.wasm")));
  const compiled = await WebAssembly.compile(wasm);
  return (bytes) => openPdf(compiled, bytes);
}

/** @throws DocumentError `password-protected`, `damaged-file`, `no-pages` */
async function openPdf(compiled: WasmModule, bytes: Uint8Array): Promise<OpenDocument> {
  const pdfium = await instantiate(compiled);
  const document = load(pdfium, bytes) || load(pdfium, salvagePdf(bytes));
  if (document === 0) throw new DocumentError("damaged-file", "pdfium takes the document for no PDF.");
  const form = openForm(pdfium, document);
  const pageCount = pdfium._FPDF_GetPageCount(document);
  if (pageCount < 1) throw new DocumentError("no-pages", "The PDF has no pages.");
  return {
    pageCount,
    async page(number, style) {
      const page = pdfium._FPDF_LoadPage(document, number - 1);
      if (page === 0) throw new DocumentError("damaged-file", `pdfium cannot load page ${number}.`);
      const size = { width: pdfium._FPDF_GetPageWidth(page), height: pdfium._FPDF_GetPageHeight(page) };
      const bitmap = renderPage(pdfium, page, form, fitPage(size, largestWidth(style.scales)));
      pdfium._FPDF_ClosePage(page);
      return encodePage(bitmap, size, style, true);
    },
    text: (pageLimit) => {
      const count = Math.min(pageCount, pageLimit);
      return Array.from({ length: count }, (_, index) => readText(pdfium, document, index));
    },
    // The whole instance goes with its memory.
    close: () => pdfium._FPDF_DestroyLibrary(),
  };
}

/** 0 for what is no PDF to pdfium. @throws DocumentError `password-protected` */
function load(pdfium: Pdfium, bytes: Uint8Array | undefined): number {
  if (!bytes) return 0;
  const file = allocate(pdfium, bytes.length); // it stays: pdfium reads from it as long as the document is open
  pdfium.HEAPU8.set(bytes, file);
  const document = pdfium._FPDF_LoadMemDocument(file, bytes.length, 0);
  if (document !== 0) return document;
  const code = pdfium._FPDF_GetLastError();
  if (code === ERROR_PASSWORD || code === ERROR_SECURITY) {
    throw new DocumentError("password-protected", `pdfium refuses the document with its error ${code}.`);
  }
  pdfium.wasmExports.free(file);
  return 0;
}

async function instantiate(compiled: WasmModule): Promise<Pdfium> {
  const pdfium = await PDFiumModule({
    // Emscripten's hook; its success callback takes the instance, whatever the type of the wrapper says.
    instantiateWasm: (imports, onSuccess) => {
      const instance = new WebAssembly.Instance(compiled, imports);
      (onSuccess as unknown as (instance: WasmInstance, module: WasmModule) => void)(instance, compiled);
      return instance.exports as never;
    },
  });
  pdfium._FPDF_InitLibraryWithConfig({ version: 2 });
  return pdfium;
}

/** What people filled into a form is drawn by a second pass; 0 if the document has no form that works. */
function openForm(pdfium: Pdfium, document: number): number {
  const info = allocate(pdfium, FORM_INFO_BYTES);
  pdfium.HEAPU8.fill(0, info, info + FORM_INFO_BYTES);
  pdfium.HEAPU8[info] = 2; // version
  return pdfium._FPDFDOC_InitFormFillEnvironment(document, info);
}

function renderPage(pdfium: Pdfium, page: number, form: number, { width, height }: Size): Bitmap {
  const bytes = width * height * BYTES_PER_PIXEL;
  const pixels = allocate(pdfium, bytes);
  const stride = width * BYTES_PER_PIXEL;
  const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, FORMAT_BGR, pixels, stride);
  pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE);
  pdfium._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, RENDER_ANNOTATIONS | RENDER_RGB);
  if (form !== 0) {
    pdfium._FORM_OnAfterLoadPage(page, form);
    pdfium._FPDF_FFLDraw(form, bitmap, page, 0, 0, width, height, 0, RENDER_RGB);
    pdfium._FORM_OnBeforeClosePage(page, form);
  }
  // A copy: the heap's buffer is replaced when it grows.
  const data = pdfium.HEAPU8.slice(pixels, pixels + bytes);
  pdfium._FPDFBitmap_Destroy(bitmap);
  pdfium.wasmExports.free(pixels);
  return { data, width, height, channels: 3 };
}

function readText(pdfium: Pdfium, document: number, index: number): string {
  const page = pdfium._FPDF_LoadPage(document, index);
  const textPage = page === 0 ? 0 : pdfium._FPDFText_LoadPage(page);
  if (textPage === 0) return "";
  const characters = Math.max(0, pdfium._FPDFText_CountChars(textPage));
  const bytes = (characters + 1) * 2; // UTF-16, and a zero at the end
  const buffer = allocate(pdfium, bytes);
  const written = pdfium._FPDFText_GetText(textPage, 0, characters, buffer);
  const end = buffer + Math.max(0, written - 1) * 2;
  const text = new TextDecoder("utf-16le").decode(pdfium.HEAPU8.slice(buffer, end));
  pdfium.wasmExports.free(buffer);
  pdfium._FPDFText_ClosePage(textPage);
  pdfium._FPDF_ClosePage(page);
  return text;
}

function allocate(pdfium: Pdfium, bytes: number): number {
  const pointer = pdfium.wasmExports.malloc(bytes);
  if (pointer === 0) throw new DocumentError("too-complex", `pdfium has no room for ${bytes} bytes.`);
  return pointer;
}
