import { Anchor } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useLocation } from "react-router";
import { homePath } from "../api/root-path.ts";
import { backLink } from "./back-link.ts";

export function BackLink() {
  const href = backLink(useLocation().search, homePath);
  if (href === undefined) return null;
  return (
    <Anchor href={href} size="sm" display="inline-block" mb={6}>
      <IconArrowLeft size={14} aria-hidden style={{ verticalAlign: "-2px" }} /> Back to dashboard
    </Anchor>
  );
}
