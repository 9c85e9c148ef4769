/** Two converters of the same formats: what the first one takes for damaged, the second one may still read. */
import type { ConversionEvent, Converter, ConvertOptions } from "../converter.ts";
import { Deadline } from "../deadline.ts";
import { DocumentError } from "../document-error.ts";
import type { DocumentFile } from "../document-file.ts";

/** Tries one, then the other. */
export class FallbackConverter implements Converter {
  readonly name: string;
  readonly #first: Converter;
  readonly #second: Converter;

  constructor(first: Converter, second: Converter) {
    this.name = first.name;
    this.#first = first;
    this.#second = second;
  }

  accepts(mediaType: string): boolean {
    return this.#first.accepts(mediaType);
  }

  async *convert(document: DocumentFile, options: ConvertOptions): AsyncGenerator<ConversionEvent> {
    const deadline = new Deadline(options.timeoutMs);
    let hasPages = false;
    try {
      for await (const event of this.#first.convert(document, options)) {
        hasPages ||= event.type === "page";
        yield event;
      }
    } catch (error) {
      const damaged = error instanceof DocumentError && error.code === "damaged-file";
      if (!damaged || hasPages) throw error;
      yield* this.#second.convert(document, { ...options, timeoutMs: deadline.remainingMs() });
    }
  }
}
