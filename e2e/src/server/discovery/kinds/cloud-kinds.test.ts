import { servedKinds } from "@narthex/discovery/testing";
import { test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import { expectSameTargets, nameOf } from "./served-kinds.ts";

const rows = servedKinds.map((kind) => [nameOf(kind), kind] as const);

test.skipIf(lacks("peers")).each(rows.filter(([name]) => name === "gce_sd_configs"))(
  "%s finds the same as Prometheus",
  (_, kind) => expectSameTargets(kind, "prometheus"),
);

test.skipIf(lacks("peers")).each(rows.filter(([name]) => name === "openstack_sd_configs (hypervisor)"))(
  "%s finds the same as vmagent",
  (_, kind) => expectSameTargets(kind, "vmagent"),
);
