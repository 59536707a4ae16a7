import { ActionIcon, Tooltip } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { docsAddress } from "./docs-address.ts";

/** Link to the documentation, which every program serves together with its pages. */
export function DocsLink() {
  return (
    <Tooltip label="Documentation">
      <ActionIcon
        component="a"
        href={docsAddress()}
        target="_blank"
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Documentation"
      >
        <IconBook2 size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
