/** The one script of the pages: Patternslib's core with pat-inject, which pat-push brings along, and pat-push. */
import registry from "@patternslib/patternslib/src/core/registry.js";
import "pat-push";

registry.init();
