export { type Corpus, corpus } from "./corpus.ts";
export { readAll } from "./read-all.ts";
export { bodiesOf } from "./reader-trial.ts";
