// The bundle for browsers: from the package's own entry, bundlers that do not follow its `browser` field would take
// the code for Node.
declare module "sockjs-client/dist/sockjs.min.js" {
  import SockJS = require("sockjs-client");
  export default SockJS;
}
