export type { GenericAdapterOptions } from "./adapters/generic.ts";
export * from "./cms-client.ts";
export * from "./cms-client-options.ts";
export * from "./cms-error.ts";
export * from "./create-cms-client.ts";
export * from "./credentials.ts";
export * from "./plone-ticket.ts";
export type { ViewProbeOptions } from "./view-probe.ts";
