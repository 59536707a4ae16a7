/** pino's build without threads and streams; it has no types of its own. */
declare module "pino/browser.js" {
  import { pino } from "pino";
  export default pino;
}
