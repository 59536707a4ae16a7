import { Dialers } from "@narthex/http";
import { expect, test } from "vitest";
import { dialFamilies } from "./connection-metrics.ts";

test("a job with the name of the unused dialer is reported once", () => {
  const dialers = new Dialers();
  const names = () => dialFamilies(dialers)[0]!.samples.map(({ labels }) => labels[1]);
  expect(names()).toEqual(["default"]);
  for (const name of ["page", "default"]) dialers.of(name).markInUse();
  expect(names()).toEqual(["default", "page"]);
});
