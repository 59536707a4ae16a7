import { Button } from "@mantine/core";
import { Suspense, useState } from "react";
import { Link } from "react-router";
import type { Panel } from "../query-link/panel.ts";
import type { QueryAction } from "./query-action.ts";
import { runnableExpr } from "./step-variables.ts";

const everybody = (): boolean => true;

function ActionButton({ action, panel }: { action: QueryAction; panel: Panel }) {
  const { name, icon: ActionIcon, Dialog, pathOf, useIsOffered = everybody } = action;
  const [isOpen, setOpen] = useState(false);
  if (!useIsOffered()) return null;
  const look = { size: "xs", h: 30, variant: "default", leftSection: <ActionIcon size={15} aria-hidden /> };
  if (pathOf !== undefined)
    return (
      <Button component={Link} to={pathOf(runnableExpr(panel))} {...look}>
        {name}
      </Button>
    );
  return (
    <>
      <Button {...look} onClick={() => setOpen(true)}>
        {name}
      </Button>
      {isOpen && Dialog !== undefined && (
        <Suspense fallback={null}>
          <Dialog panel={panel} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Buttons for what a user can do with a query. There are none until there is a query. */
export function QueryActions({ actions, panel }: { actions: readonly QueryAction[]; panel: Panel }) {
  if (panel.expr === "") return null;
  return actions.map((action) => <ActionButton key={action.name} action={action} panel={panel} />);
}
