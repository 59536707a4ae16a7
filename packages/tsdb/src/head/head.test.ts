import { describeStorage } from "@narthex/storage/testing";
import { Head } from "./head.ts";

describeStorage("Head", () => {
  const head = new Head(100);
  return { appendable: head, queryable: head, close() {} };
});
