export { createDemo, type Demo, type DemoOptions } from "./demo.ts";
export { ACCOUNTS } from "./northquay.ts";
