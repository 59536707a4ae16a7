import { IconExternalLink } from "@tabler/icons-react";
import { Link } from "react-router";
import { expressionPath } from "../query/panel-link.ts";

/** An expression that opens on the query page. */
export function ExpressionLink({ expr }: { expr: string }) {
  return (
    <Link to={expressionPath(expr)} className="expression" title="Run on the query page">
      <code>{expr}</code>
      <IconExternalLink size={14} aria-hidden />
    </Link>
  );
}
