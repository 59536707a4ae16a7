import { Button } from "@mantine/core";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import type { Panel } from "../query-link/panel.ts";
import type { QueryAction } from "./query-action.ts";
import { runnableExpr } from "./step-variables.ts";

function ActionButton({ action, panel }: { action: QueryAction; panel: Panel }) {
  const { name, icon: ActionIcon, Dialog, pathOf } = action;
  const [isOpen, setOpen] = useState(false);
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
      {isOpen && Dialog !== undefined && <Dialog panel={panel} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Buttons for what a user can do with a query. */
export function QueryActions({ actions, panel }: { actions: readonly QueryAction[]; panel: Panel }) {
  return actions.map((action) => {
    const { name, Offered = Fragment } = action;
    return (
      <Offered key={name}>
        <ActionButton action={action} panel={panel} />
      </Offered>
    );
  });
}
