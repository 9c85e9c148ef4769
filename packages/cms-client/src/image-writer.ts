/** Writes an image into a field of an object of Plone, as a user: looks first, then PATCH, or TUS for a large one. */
import type { CmsAdapter } from "./adapter.ts";
import { atPointer, parseJson } from "./adapters/json.ts";
import type { ImageToWrite, WriteImageOptions } from "./cms-client.ts";
import {
  CmsUnknownError,
  DocumentNotFoundError,
  NoSuchFieldError,
  NotAllowedError,
  ObjectLockedError,
  SessionExpiredError,
  UnexpectedAnswerError,
  UrlNotAllowedError,
} from "./cms-error.ts";
import { discard, header, isRedirect, status, type CmsAnswer, type CmsHttp } from "./cms-http.ts";
import { printableUrl, type CmsUrls } from "./cms-urls.ts";
import type { Credentials } from "./credentials.ts";

export interface ImageWriterOptions {
  readonly http: CmsHttp;
  readonly urls: CmsUrls;
  readonly adapter: CmsAdapter;
  /** Whether the CMS knows, now, who these credentials belong to. */
  readonly isSomebody: (credentials: Credentials, signal?: AbortSignal) => Promise<boolean>;
}

/** As JSON an image takes four thirds of its bytes, and more than once in the CMS's memory; larger ones go by TUS. */
const MAX_PATCH_BYTES = 1_000_000;
const TUS_CHUNK_BYTES = 5_000_000;
/** `resolveuid`, then a moved object: more are a loop. */
const MAX_REDIRECTS = 4;

interface Target {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly image: ImageToWrite;
  readonly signal: AbortSignal | undefined;
}

export class ImageWriter {
  readonly #options: ImageWriterOptions;

  constructor(options: ImageWriterOptions) {
    this.#options = options;
  }

  async write(
    credentials: Credentials,
    object: string,
    image: ImageToWrite,
    { job, signal }: WriteImageOptions,
  ): Promise<"written" | "kept"> {
    const { adapter, isSomebody } = this.#options;
    if (adapter.name !== "plone") {
      throw new UnexpectedAnswerError("Images are written into Plone only: leave the write-back out.");
    }
    const headers = {
      ...adapter.headers(credentials),
      accept: "application/json",
      "x-push-job": job,
      "idempotency-key": job,
    };
    try {
      const { url, state } = await this.#look(object, headers, signal);
      if (!mayWrite(state, image, url)) return "kept";
      const target: Target = { url, headers, image, signal };
      await (image.bytes.length > MAX_PATCH_BYTES ? this.#upload(target) : this.#patch(target));
      return "written";
    } catch (error) {
      // Plone answers 401 to a user whom it knows, too, if they may not do it.
      if (!(error instanceof SessionExpiredError) || !(await isSomebody(credentials, signal))) throw error;
      throw new NotAllowedError(`${error.message} Their session is good: they may not change it.`, {
        cause: error,
      });
    }
  }

  /** plone.restapi says what an object's fields hold, and whether somebody edits it. */
  async #look(
    object: string,
    headers: Target["headers"],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly url: URL; readonly state: unknown }> {
    const { http, urls } = this.#options;
    const found = urls.toObject(object, "{site}/resolveuid/{uid}");
    let url = found === undefined ? undefined : new URL(found);
    for (let redirects = 0; url && redirects <= MAX_REDIRECTS; redirects += 1) {
      const question = new URL(`${url.href}?include_items=false`);
      const answer = await http.ask({ url: question, method: "GET", headers }, signal);
      if (!isRedirect(answer.status)) {
        checkAnswer(answer, url, [200]);
        return { url, state: parseJson(answer.text) };
      }
      const { location = "" } = answer;
      if (urls.isLogin(location, url)) throw expired(url);
      url = withoutQuery(urls.toInternal(location, url));
    }
    throw new UrlNotAllowedError("The object whose image is to be written is none of the site's.");
  }

  async #patch({ url, headers, image, signal }: Target): Promise<void> {
    const value = {
      data: Buffer.from(image.bytes).toString("base64"),
      encoding: "base64",
      filename: image.name,
      "content-type": image.mediaType,
    };
    const body = JSON.stringify({ [image.field]: value });
    const request = {
      url,
      method: "PATCH",
      headers: { ...headers, "content-type": "application/json" },
      body,
    };
    checkAnswer(await this.#options.http.ask(request, signal), url, [200, 204]);
  }

  /** TUS 1.0.0, as plone.restapi has it: `@tus-replace` with the name of the field. */
  async #upload({ url, headers: own, image, signal }: Target): Promise<void> {
    const { http, urls } = this.#options;
    const { bytes, field, name, mediaType } = image;
    const headers = { ...own, "tus-resumable": "1.0.0" };
    const metadata = Object.entries({ filename: name, "content-type": mediaType, fieldname: field });
    const encoded = metadata
      .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
      .join(",");
    const create = new URL(`${url.href}/@tus-replace`);
    const announced = { ...headers, "upload-length": String(bytes.length), "upload-metadata": encoded };
    const response = await http.open({ url: create, method: "POST", headers: announced }, signal);
    discard(response);
    checkAnswer({ status: status(response), text: "" }, create, [201]);
    const upload = urls.toInternal(header(response, "location") ?? "", create);
    if (!upload)
      throw new UnexpectedAnswerError(`${printableUrl(create)} names no place of the site's to upload to.`);
    for (let offset = 0; offset < bytes.length; offset += TUS_CHUNK_BYTES) {
      const part = {
        url: upload,
        method: "PATCH",
        headers: {
          ...headers,
          "content-type": "application/offset+octet-stream",
          "upload-offset": String(offset),
        },
        body: bytes.subarray(offset, offset + TUS_CHUNK_BYTES),
      };
      checkAnswer(await http.ask(part, signal), upload, [204]);
    }
  }
}

/** False: somebody chose an image themselves. @throws ObjectLockedError, NoSuchFieldError */
function mayWrite(state: unknown, { field, name }: ImageToWrite, url: URL): boolean {
  const held = typeof state === "object" && state !== null && Object.hasOwn(state, field);
  if (!held) {
    throw new NoSuchFieldError(
      `${printableUrl(url)} has no field ${field}: enable the behaviour that brings it for this content type, ` +
        "such as volto.preview_image, or name another field.",
    );
  }
  // TUS does not look at locks by itself.
  if (atPointer(state, "/lock/locked") === true) throw locked(url);
  const filename = atPointer(state, `/${field}/filename`);
  return filename === undefined || filename === name;
}

/** @throws the error for every status that is not among these */
function checkAnswer(answer: Pick<CmsAnswer, "status" | "text">, url: URL, ok: readonly number[]): void {
  const where = printableUrl(url);
  if (ok.includes(answer.status)) return;
  if (answer.status === 401) throw expired(url);
  if (answer.status === 403) {
    if (/locked/i.test(answer.text)) throw locked(url);
    throw new NotAllowedError(`The CMS does not let this user change ${where}.`);
  }
  if (answer.status === 404)
    throw new DocumentNotFoundError(`The CMS has nothing at ${where}: moved, or deleted.`);
  if (answer.status === 409 || answer.status === 429 || answer.status >= 500) {
    throw new CmsUnknownError(`The CMS answered ${where} with ${answer.status}; it can be tried again.`);
  }
  throw new UnexpectedAnswerError(
    `The CMS answered ${where} with ${answer.status}: it did not take the image.`,
  );
}

function locked(url: URL): ObjectLockedError {
  return new ObjectLockedError(
    `Somebody edits ${printableUrl(url)}: its image is written when they are done.`,
  );
}

function expired(url: URL): SessionExpiredError {
  return new SessionExpiredError(`The CMS asks for a login at ${printableUrl(url)}.`);
}

function withoutQuery(url: URL | undefined): URL | undefined {
  return url && new URL(url.origin + url.pathname.replace(/\/$/, ""));
}
