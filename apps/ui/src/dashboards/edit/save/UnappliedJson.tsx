import { Alert, Anchor } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useDashboardEdit } from "../../draft/edit-context.ts";

/** A message that the JSON editor contains text that is not applied yet, with a link to the editor. */
export function UnappliedJson() {
  const { writtenJson, openDialog } = useDashboardEdit();
  const [, setParams] = useSearchParams();
  if (writtenJson === undefined) return null;
  const show = (): void => {
    openDialog(undefined);
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete("editPanel");
      next.set("editview", "json-model");
      return next;
    });
  };
  return (
    <Alert color="yellow" variant="light" py="xs" mb="sm">
      The JSON that you typed is not applied, so it will not be saved.{" "}
      <Anchor component="button" type="button" size="sm" onClick={show}>
        Show it
      </Anchor>
    </Alert>
  );
}
