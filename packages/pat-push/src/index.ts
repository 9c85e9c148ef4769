/**
 * The entry for bundles with Patternslib: importing it registers the patterns, as every Patternslib add-on does.
 * pat-inject comes along, whose engine they use; in a bundle that has it already it is the same module.
 */
import "@patternslib/patternslib/src/pat/inject/inject.js";
import { registerPatterns } from "./register.ts";

registerPatterns();
