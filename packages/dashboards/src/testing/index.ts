export { hostileJson } from "./hostile-json.ts";
export { writeFrames } from "./write-frames.ts";
