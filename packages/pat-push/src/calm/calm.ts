/** What keeps a page calm while it changes, in one part that is loaded with the first injection. */
export { FormReset } from "./form-reset.ts";
export { Swap } from "./swap.ts";
