"""The processes of one server, and the one that starts them and starts them again."""

import structlog
from uvicorn.supervisors import Multiprocess

_log = structlog.get_logger("epos.workers")


class Workers(Multiprocess):
    """uvicorn's supervisor, which hears of a worker's death at once and says so."""

    def keep_subprocess_alive(self) -> None:
        before = [process.pid for process in self.processes]
        for process in self.processes:
            # The worker has its own. While ours is open a dead one's silence looks like patience: nothing
            # was done for a minute, and no signal heard.
            process.child_conn.close()
        super().keep_subprocess_alive()
        after = {process.pid for process in self.processes}
        for pid in before:
            if pid not in after:
                _log.warning("a worker process has ended and is started again", pid=pid)
