"""What one analyst has uploaded and what became of it: everything of the page Upload but its look.

Files are checked and loaded in the order in which they depend on one another. The vault is open
only meanwhile.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from iomdash import settings
from iomdash.errors import ContractBroken
from iomdash.intake import recognition
from iomdash.intake.recognition import Recognised
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.publishing import effect
from iomdash.publishing.effect import Effect
from iomdash.vault import approvals, log, reader, trial
from iomdash.vault.log import Batch, Loaded
from iomdash.vault.trial import Broken, File, Outcome, Sound
from iomdash.vault.writer import Vault
from iomdash.workbench import folder, remembered, to_do
from iomdash.workbench.acting import noted
from iomdash.workbench.folder import Folder
from iomdash.workbench.task import Step, Task
from iomdash.workbench.to_do import TO_MEND

CHECK, EFFECT, LOAD = "Checking", "Trying what it would change", "Loading"
# A browser adds a number to a name that is there already.
_MENDED = re.compile(rf"(.*){re.escape(TO_MEND)}(?: \(\d+\))?")
NAMES = ".toml"  # what the names of another program's export stand for


@dataclass
class Upload:
    """One file: the table it is for (None until somebody says), how it is read, what became of it.

    `recalled` says that it is read as its source was last time.
    """

    path: Path
    recognised: Recognised
    table: str | None
    options: Options = AS_IT_IS
    recalled: bool = False
    replaces: str | None = None
    outcome: Outcome | None = None

    @property
    def name(self) -> str:
        """The name that the analyst knows it by."""
        return self.path.name

    @property
    def key(self) -> str:
        """What tells it from every other in the page."""
        return self.path.parent.name

    @property
    def unlisted(self) -> list[tuple[str, str]]:
        """Column and word of the cells that are none of their list."""
        if not isinstance(self.outcome, Broken) or self.table is None:
            return []
        return to_do.unlisted(self.outcome.error, self.options)

    @property
    def source(self) -> str:
        """What it has in common with the next file of its kind."""
        return remembered.source(self.table or "", self.recognised.headers)


@dataclass
class Desk:
    """One analyst's files, from their upload until they are loaded or dismissed.

    `names` is a file that says whose names stand for what in another program's export, `corrects`
    are batches of which the next file of their table takes the place; `loaded` are the batches of
    the last load, `error` and `note` what came of the last thing that was tried.
    """

    data_dir: Path
    uploads: list[Upload] = field(default_factory=list[Upload])
    names: Path | None = None
    corrects: list[Batch] = field(default_factory=list[Batch])
    effect: Effect | None = None
    loaded: list[Loaded] = field(default_factory=list[Loaded])
    task: Task[Any] | None = None
    error: str | None = None
    note: str | None = None
    _folder: Folder | None = None

    def add(self, name: str, content: BinaryIO) -> None:
        """Keep a file. It takes the place of one of the same name that is still here, or of the one
        that it was marked in; what was chosen for that one holds for this.

        Raises EnvironmentFault.
        """
        self._folder = self._folder or Folder(self.data_dir)
        path = self._folder.keep(name, content)
        self._changed()
        if path.suffix.lower() == NAMES:
            self.names = path
            return
        new = _recognised(path)
        before = next((each for each in self.uploads if _instead(path, each.path)), None)
        if before is None:
            self._corrected(new)
            self.uploads.append(new)
        else:
            new.table, new.replaces = new.table or before.table, before.replaces
            if path.suffix == before.path.suffix:
                new.options = before.options
            self.uploads[self.uploads.index(before)] = new
            folder.remove(before.path)
        self._recall(new)

    def correct(self, *batches: str) -> None:
        """Have the next file of its table take the place of each batch.

        Raises UsageError where the vault does not hold one, EnvironmentFault.
        """
        with reader.read(self.data_dir) as con:
            self.corrects = [log.held(con, batch) for batch in batches]

    def _corrected(self, new: Upload) -> None:
        likely = [batch for batch in self.corrects if new.table == batch.table]
        if new.table is None and len(self.corrects) == 1:
            likely = self.corrects
        for batch in likely[:1]:
            new.table, new.replaces = batch.table, batch.batch_id
            self.corrects = [other for other in self.corrects if other != batch]

    def dismiss(self, upload: Upload) -> None:
        """Remove a file."""
        self.uploads.remove(upload)
        folder.remove(upload.path)
        self._changed()

    def choose(self, upload: Upload, table: str | None) -> None:
        """Say which table a file is for."""
        if table != upload.table:
            upload.table, upload.replaces = table, None
            upload.options = AS_IT_IS
            self._changed()
            self._recall(upload)

    def read_so(self, upload: Upload, options: Options) -> None:
        """Say how a file is read; it is remembered of its source."""
        if options != upload.options:
            upload.options, upload.recalled = options, False
            remembered.remember(self.data_dir, upload.source, options)
            self._changed()

    def put_in_place_of(self, upload: Upload, batch: str | None) -> None:
        """Say which batch a file corrects; None where it is a new one."""
        if batch != upload.replaces:
            upload.replaces = batch
            self._changed()

    @property
    def ordered(self) -> list[Upload]:
        """The files that have a table, in the order of loading."""
        ready = [each for each in self.uploads if each.table]
        return [ready[at] for at in recognition.in_order([str(each.table) for each in ready])]

    @property
    def undecided(self) -> list[Upload]:
        """Files of which somebody has to say the table."""
        return [each for each in self.uploads if each.table is None]

    @property
    def checked(self) -> bool:
        """Whether every file was checked as it is now."""
        return bool(self.uploads) and all(each.outcome for each in self.uploads)

    @property
    def sound(self) -> bool:
        """Whether every file may be loaded."""
        return self.checked and all(isinstance(each.outcome, Sound) for each in self.uploads)

    # ------------------------------------------------------------------------- what takes a while

    def check(self) -> None:
        """Begin to check every file."""
        self._begin(CHECK, self._check)

    def try_out(self) -> None:
        """Begin to try what loading and publishing would change."""
        self._begin(EFFECT, self._effect)

    def load(self) -> None:
        """Begin to load every file, each whole or not at all, corrections all or none of them."""
        self.loaded = []
        self._begin(LOAD, self._load)

    def _begin(self, what: str, work: Callable[[Step], Any]) -> None:
        self.error = self.note = None
        self.task = Task(what, work)

    def settle(self) -> None:
        """Take over what a task that is done has brought."""
        task = self.task
        if task is None or not task.done:
            return
        self.task = None
        if task.cancelled:
            self.note = (
                "Stopped. Nothing was kept of what was under way; your files are still here."
            )
        elif task.error is not None:
            self.error = str(task.error)
        elif task.what == CHECK:
            for upload, outcome in task.value or ():
                upload.outcome = outcome
        elif task.what == EFFECT:
            self.effect = task.value

    def _check(self, step: Step) -> list[tuple[Upload, Outcome]]:
        ordered = self.ordered
        with trial.vault_of(self.data_dir) as vault:
            found = trial.check(vault, [self._file(each) for each in ordered], step=step)
        step("done")
        return list(zip(ordered, found, strict=True))

    def _effect(self, step: Step) -> Effect:
        files = [self._file(each) for each in self.ordered]
        releases = self.data_dir / settings.RELEASES_FOLDER
        return effect.of(self.data_dir, releases, files, step=step)

    def _load(self, step: Step) -> None:
        uploads = {self._file(upload): upload for upload in self.ordered}
        with Vault.open(self.data_dir) as vault:
            for act in trial.acts([*uploads]):
                self._load_act(vault, {file: uploads[file] for file in act}, step)

    def _load_act(self, vault: Vault, act: Mapping[File, Upload], step: Step) -> None:
        def say(stage: str) -> None:
            step(stage if len(act) > 1 else f"{next(iter(act)).path.name}: {stage}")

        what = {"table": ", ".join(file.table for file in act)}
        if replaced := [file.replaces for file in act if file.replaces]:
            what["replace"] = ", ".join(replaced)
        with noted(self.data_dir, "load", **what) as more:
            try:
                loaded = trial.load(vault, [*act], say)
            except ContractBroken as broken:  # the vault has changed since it was checked
                for upload in act.values():
                    upload.outcome = Broken(broken) if upload.table == broken.table else None
                raise
            more["batches"] = [batch.batch_id for batch in loaded]
        self.loaded += loaded
        for batch in loaded:
            approvals.note(vault.connection, settings.state_dir(self.data_dir), batch)
        for upload in act.values():
            self.dismiss(upload)

    def _file(self, upload: Upload) -> File:
        return File(str(upload.table), upload.path, self._options(upload), upload.replaces)

    def _options(self, upload: Upload) -> Options:
        """As chosen, with the names that were uploaded where the file is no table of ours."""
        if self.names is None or upload.table != "codings" or upload.recognised.tables:
            return upload.options
        return replace(upload.options, names=self.names)

    def _recall(self, upload: Upload) -> None:
        if upload.table and upload.options == AS_IT_IS:
            upload.options = remembered.recall(self.data_dir, upload.source)
            upload.recalled = upload.options != AS_IT_IS

    def _changed(self) -> None:
        """What was found out before holds no more: files depend on one another."""
        self.effect, self.error, self.note = None, None, None
        for each in self.uploads:
            if each.recognised.tables or each.table:
                each.outcome = None


def _instead(new: Path, old: Path) -> bool:
    """Whether a file is another version of one: of its name, or of its cells marked and mended."""
    marked = _MENDED.fullmatch(new.stem)
    return new.name == old.name or (marked is not None and marked[1] == _root(old.stem))


def _root(stem: str) -> str:
    marked = _MENDED.fullmatch(stem)
    return marked[1] if marked else stem


def _recognised(path: Path) -> Upload:
    try:
        found = recognition.recognised(path)
    except ContractBroken as broken:
        return Upload(path, Recognised((), ()), None, outcome=Broken(broken))
    return Upload(path, found, found.table)
