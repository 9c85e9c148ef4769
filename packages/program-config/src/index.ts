export * from "./config-error.ts";
export type { ConfigKey, ConfigKeys, ConfigOf } from "./config-key.ts";
export * from "./define-command.ts";
export * from "./define-config.ts";
export type { ConfigReading } from "./read-config.ts";
export type { ConfigProblem } from "./setting.ts";
export type { Environment } from "./settings/environment.ts";
