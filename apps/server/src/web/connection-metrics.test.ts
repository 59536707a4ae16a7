import { Dialers } from "@narthex/http";
import { expect, test } from "vitest";
import { dialFamilies } from "./connection-metrics.ts";

test("if a job has the name of Prometheus' unused dialer, the metrics contain this name once", () => {
  const dialers = new Dialers();
  const names = () => dialFamilies(dialers)[0]!.samples.map(({ labels }) => labels[1]);
  expect(names()).toEqual(["default"]);
  for (const name of ["page", "default"]) dialers.of(name).markInUse();
  expect(names()).toEqual(["default", "page"]);
});
