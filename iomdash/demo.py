"""The demonstration: the 2017 study, a synthetic wave and synthetic agencies.

All of it enters through the same doors as any data.
"""

import tempfile
from pathlib import Path

from iomdash.declared.contracts.odcs import TABLES
from iomdash.errors import EnvironmentFault
from iomdash.progress import steps
from iomdash.publishing.publish import Published, publish
from iomdash.settings import RELEASES_FOLDER, has_data
from iomdash.study import STUDY_FILES, agencies, synthetic
from iomdash.vault.writer import Vault


def build(data_dir: Path) -> Published:
    """Load both waves and the agencies' files into an empty vault and publish.

    Raises EnvironmentFault where the folder holds data: a demonstration never mixes with them.
    """
    if has_data(data_dir):
        raise EnvironmentFault(
            f"{data_dir} already holds data, and the demonstration would mix with them. "
            "Give an empty folder with --data, or remove that one first."
        )
    with tempfile.TemporaryDirectory() as folder, steps("Building the demonstration") as progress:
        made, sent = synthetic.write(Path(folder)), agencies.write(Path(folder))
        with Vault.open(data_dir) as vault:
            for table in TABLES:
                for files in (STUDY_FILES, made):
                    if table in files:
                        progress(f"{table} from {files[table].name}")
                        vault.load(table, files[table], user="demonstration")
            for feed, extracts in sent.items():
                for file in extracts:
                    progress(file.name)
                    vault.load(feed, file, user="demonstration")
        return publish(data_dir, data_dir / RELEASES_FOLDER, step=progress)
