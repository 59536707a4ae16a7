import { Button, Group, Stack } from "@mantine/core";
import type { ReactNode, SyntheticEvent } from "react";
import { ChangeError } from "./ChangeError.tsx";

/** A form in a page. The error of the last submission is shown above the button. */
export function SaveForm({
  label,
  action = "Save",
  isReady,
  change: { mutate, error, isPending },
  children,
}: {
  /** Name of the form. */
  label: string;
  action?: string;
  /** Whether all required fields are filled in and a value differs from the saved one. */
  isReady: boolean;
  change: { readonly mutate: () => void; readonly error: Error | null; readonly isPending: boolean };
  children: ReactNode;
}) {
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isReady) mutate();
  };
  return (
    <form noValidate onSubmit={submit} aria-label={label}>
      <Stack gap="sm" maw={460}>
        {children}
        {error !== null && <ChangeError error={error} />}
        <Group>
          <Button type="submit" size="sm" loading={isPending} disabled={!isReady}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
