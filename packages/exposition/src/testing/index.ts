export { corpus } from "./corpus.ts";
export { bodiesOf } from "./reader-trial.ts";
