export * from "./close-code.ts";
export * from "./cursor.ts";
export * from "./frame.ts";
export * from "./message.ts";
export * from "./protocol-error.ts";
export * from "./topic.ts";
