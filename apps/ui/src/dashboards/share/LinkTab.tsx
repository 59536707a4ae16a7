import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { rootPath } from "../../api/root-path.ts";
import { CopyField } from "../../shell/CopyField.tsx";
import { shortenAddress } from "../../api/short-address.ts";
import { linkTo, printAddress, type ShareChoices, type SharedView, soloAddress } from "../data/share-address.ts";
import { ShareChoiceInputs } from "./ShareChoiceInputs.tsx";

/** Shows a link to the current view of a dashboard: its time range, variables and panel. */
export function LinkTab({ view }: { view: SharedView }) {
  const [choices, setChoices] = useState<ShareChoices>({ isTimeLocked: true, theme: "" });
  const path = linkTo(view, choices);
  const shorten = useMutation({ mutationFn: () => shortenAddress(path.slice(1)) });
  const change = (next: ShareChoices): void => {
    shorten.reset();
    setChoices(next);
  };
  return (
    <Stack gap="md">
      <ShareChoiceInputs choices={choices} onChange={change} />
      <CopyField label="Link URL" value={`${location.origin}${rootPath}${path}`} />
      {shorten.data !== undefined && <CopyField label="Short URL" value={shorten.data} />}
      {shorten.error !== null && (
        <Text size="sm" c="red" role="alert">
          {shorten.error.message}
        </Text>
      )}
      <Group gap="md">
        <Button size="xs" variant="default" loading={shorten.isPending} onClick={() => shorten.mutate()}>
          Shorten URL
        </Button>
        {view.panelKey === undefined && (
          <Button
            component="a"
            size="xs"
            variant="default"
            href={`${rootPath}${printAddress(view)}`}
            target="_blank"
            rel="noreferrer"
          >
            Print
          </Button>
        )}
        {view.panelKey !== undefined && view.uid !== "" && (
          <Anchor size="sm" href={`${rootPath}${soloAddress(view, choices)}`} target="_blank" rel="noreferrer">
            Open the panel alone
          </Anchor>
        )}
      </Group>
    </Stack>
  );
}
