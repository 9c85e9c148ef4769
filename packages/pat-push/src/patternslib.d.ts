// The parts of Patternslib 9.10 that this package uses; its own package has no types.

declare module "@patternslib/patternslib/src/core/basepattern.js" {
  /** One instance per element; `options` and `init()` come a tick after the constructor. */
  export class BasePattern {
    static name: string;
    static trigger: string;
    static parser: unknown;
    static order: number;
    parser_group_options: boolean;
    parser_multiple: boolean | undefined;
    parser_inherit: boolean;
    name: string;
    el: HTMLElement;
    uuid: string;
    options: unknown;
    constructor(el: HTMLElement | JQuery, options?: unknown);
    init(): void | Promise<void>;
    destroy(): void;
  }
}

declare module "@patternslib/patternslib/src/core/logging.js" {
  export interface Logger {
    debug(...messages: unknown[]): void;
    info(...messages: unknown[]): void;
    warn(...messages: unknown[]): void;
    error(...messages: unknown[]): void;
  }
  const logging: { getLogger(name: string): Logger };
  export default logging;
}

declare module "@patternslib/patternslib/src/core/parser.js" {
  export default class Parser {
    constructor(name: string);
    addArgument(name: string, defaultValue?: unknown, choices?: readonly string[], multiple?: boolean): void;
    parse(
      element: Element | JQuery,
      options?: unknown,
      multiple?: boolean,
      inherit?: boolean,
      groupOptions?: boolean,
    ): unknown;
  }
}

declare module "@patternslib/patternslib/src/core/registry.js" {
  const registry: {
    readonly patterns: Record<string, unknown>;
    init(): void;
    register(pattern: unknown, name?: string): boolean;
    transformPattern(name: string, content: Element): void;
    scan(content: Element, patterns?: readonly string[] | null, trigger?: unknown): void;
  };
  export default registry;
}

declare module "@patternslib/patternslib/src/pat/inject/inject.js" {
  const inject: Record<string, unknown>;
  export default inject;
}

declare module "@patternslib/patternslib/src/pat/push/push.js" {
  const push: unknown;
  export default push;
}
