"""The training loop: plain steps under Accelerate, exact to continue."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.tracking import get_available_trackers
from accelerate.utils import DistributedType, LoggerType, broadcast_object_list, set_seed
from transformers import get_scheduler

from mate_hf.errors import MateError
from mate_hf.runs.folder import BEST, GOES_ON, LAST, LOCK, RunFolder
from mate_hf.runs.provenance import provenance
from mate_hf.training.checkpoint_files import Resumable
from mate_hf.training.checkpoints import clear_left, later_checkpoints, load_checkpoint, save_checkpoint
from mate_hf.training.continuing import compare_settings
from mate_hf.training.divergence import Divergence, Losses
from mate_hf.training.loaders import end_workers
from mate_hf.training.logs import RunLog
from mate_hf.training.records import Records
from mate_hf.training.run_arguments import RunArguments
from mate_hf.training.run_state import RunState
from mate_hf.training.task import Task
from mate_hf.utils.distributed import Told, launched_state, require_everybody
from mate_hf.utils.endings import PutOff
from mate_hf.utils.locks import Lock
from mate_hf.utils.masked import masked
from mate_hf.utils.terminal import note
from mate_hf.utils.workers import usable_cores
from mate_hf.utils.write_errors import could_not_write


class Training:
    """One run: `Training(make_task, arguments.run, arguments.flat()).run()`.

    Args:
        make_task: called once seeds are set and the run folder is claimed.
        run: how to train.
        settings: everything that was set, for `config.yaml` and the trackers.
    """

    def __init__(
        self, make_task: Callable[[Accelerator], Task], run: RunArguments, settings: dict[str, Any]
    ) -> None:
        self.run_arguments, self.settings = run, settings
        self.folder = RunFolder(Path(run.output_dir))
        require_trackers(run.report_to)
        on_cpu = launched_state().device.type == "cpu"
        self.accelerator = Accelerator(
            cpu=on_cpu,
            mixed_precision=run.mixed_precision,
            gradient_accumulation_steps=run.gradient_accumulation_steps,
            log_with=run.report_to or None,
            project_dir=str(self.folder.path),
        )
        self._require_possible()
        if on_cpu:
            torch.set_num_threads(run.cpu_threads or fair_share_of_cores())
        leads, starts_anew = self.accelerator.is_main_process, run.resume is None
        self.changes: list[str] = []
        self.lock = Lock(self.folder.path / LOCK, f"run {self.folder.path}")
        if leads:
            self._enter(starts_anew)
        try:
            self._prepare(make_task, starts_anew)
        except BaseException:
            self.lock.release()
            raise

    def run(self) -> dict[str, Any]:
        """Train to the end and return what `results.json` records."""
        try:
            return self._run()
        except RuntimeError as error:
            require_everybody(error)
            raise
        finally:
            end_workers(self.task.batches)
            self.lock.release()

    def _run(self) -> dict[str, Any]:
        accelerator, run = self.accelerator, self.run_arguments
        with RunLog(self.total, 0, accelerator.is_main_process) as self.log:
            if run.resume is not None:
                self._continue(run.resume)
            if self.folder.is_finished and self._is_done():
                self._clear_left()
                self.log.say(
                    f"{self.folder.path} is finished ({self.state.step} steps): nothing is left to train. Raise --epochs or "
                    "--max_steps to go on."
                )
                return self.folder.results()
            self._write_settings()
            with self._tracked():
                accelerator.init_trackers(
                    "mate", config={k: masked(str(v)) for k, v in self.settings.items()}
                )
            self._introduce()
            with PutOff() as self.asked:
                self._train()
        with self._tracked():
            accelerator.end_training()
        return self._results()

    # -- beginning and going on -----------------------------------------------------------------------------------

    def _prepare(self, make_task: Callable[[Accelerator], Task], starts_anew: bool) -> None:
        run = self.run_arguments
        self.accelerator.wait_for_everyone()
        set_seed(run.seed)
        task = self.task = make_task(self.accelerator)
        if self.accelerator.is_main_process and starts_anew:
            self.folder.clear()
        fused = self.accelerator.device.type == "cuda"
        optimizer = torch.optim.AdamW(task.parameter_groups(), betas=(0.9, run.adam_beta2), fused=fused)
        task.configure_optimizer(optimizer)
        steps_per_epoch = len(task.sampler) // run.gradient_accumulation_steps
        self.total = run.epochs * steps_per_epoch if run.max_steps is None else run.max_steps
        self.scheduler = get_scheduler(run.scheduler, optimizer, run.warmup_steps, self.total)
        self.objective, self.optimizer = self.accelerator.prepare(task.objective, optimizer)
        self.state = RunState()
        self.records = Records(self.folder.log)
        self.unlogged: list[Losses] = []
        self.divergence = Divergence(self.accelerator, task.objective, self.optimizer, self.settings)
        self.kept: dict[str, Any] | None = None
        self.told = Told(self.accelerator.device)
        self.resumable = Resumable(
            self.accelerator, task.objective, self.optimizer, self.scheduler, self.state, task.depends_on()
        )

    def _require_possible(self) -> None:
        accelerator = self.accelerator
        if accelerator.mixed_precision == "fp16" and accelerator.device.type == "cpu":
            raise MateError(
                "mixed_precision fp16: a CPU trains in float32 or bf16. Pass --mixed_precision no or bf16 (it comes from "
                "accelerate's configuration where no flag says it), or train on a GPU."
            )
        if accelerator.distributed_type in (
            DistributedType.FSDP,
            DistributedType.DEEPSPEED,
            DistributedType.MEGATRON_LM,
        ):
            raise MateError(
                f"distributed_type {accelerator.distributed_type}: runs are kept and continued on one device, or on several that "
                "each hold the whole model. Launch with multi_gpu."
            )

    def _enter(self, starts_anew: bool) -> None:
        """Before anything is written: may this run be here?"""
        if starts_anew:
            self.folder.require_place()
        elif not self.folder.path.is_dir():
            raise MateError(f"resume: no run at {self.folder.path}. Start without --resume.")
        self.lock.take()
        if not self.lock.works:
            note(f"{self.folder.path}: no file locks there; nobody may train this run from another machine.")
        try:
            if starts_anew:
                self.folder.claim(self.run_arguments.overwrite)
            else:
                self.changes = compare_settings(self.folder, self.settings)
        except MateError:
            self.lock.release()
            raise

    def _continue(self, which: str) -> None:
        # One that cannot be read stops the run while it is untouched.
        self.records.read()
        before = load_checkpoint(self.resumable, self.folder, which, self.log.say)
        self.log.starts_from(self.state.step)
        for line in (f"going on from {before}, step {self.state.step} of {self.total}.", *self.changes):
            self.log.say(line)
        for later in later_checkpoints(self.folder, before):
            self.log.say(f"checkpoint {later.name} comes after it and goes when the next one is written.")

    def _is_done(self) -> bool:
        return self.state.step >= self.total or self._stops_early()

    def _train(self) -> None:
        if self._owes_validation():
            self._end_epoch()
        while not self._is_done():
            self._epoch()
            if not self._is_done():
                self._leave_if_asked()
        self._finish()

    def _owes_validation(self) -> bool:
        """Whether the run was asked to end, or was killed, between its last step and what follows that."""
        state = self.state
        if not self.task.has_validation or state.step < self.total:
            return False
        return not state.history or state.history[-1]["step"] < state.step

    # -- steps ----------------------------------------------------------------------------------------------------

    def _epoch(self) -> None:
        run, state = self.run_arguments, self.state
        self.objective.train()
        self.task.keep_frozen()
        self.task.sampler.set_epoch(state.epoch, skip=state.batch)
        for batch in self.task.batches:
            batch = {name: t.to(self.accelerator.device, non_blocking=True) for name, t in batch.items()}
            self.task.before_step(state.step)
            with self.accelerator.accumulate(self.objective):
                losses = self.objective(**batch)
                self.accelerator.backward(losses["loss"])
                if self.accelerator.sync_gradients and run.max_grad_norm is not None:
                    self.accelerator.clip_grad_norm_(self.task.objective.parameters(), run.max_grad_norm)
                self.optimizer.step()
                self.optimizer.zero_grad()
            self.unlogged.append((state.step + 1, {name: loss.detach() for name, loss in losses.items()}))
            state.batch += 1
            if not self.accelerator.sync_gradients:
                continue
            self.scheduler.step()
            self.task.after_step()
            state.step += 1
            self.log.advance()
            if state.step % run.log_steps == 0:
                self._log()
            ends = state.batch == len(self.task.sampler)
            if not ends and run.checkpoint_steps and state.step % run.checkpoint_steps == 0:
                self._checkpoint()
            if state.step == self.total:
                break
            self._leave_if_asked()
        self._end_epoch()

    def _end_epoch(self) -> None:
        state = self.state
        self._require_finite()
        if state.batch == len(self.task.sampler):
            state.epoch, state.batch = state.epoch + 1, 0
        if self.state.step == self.total or state.epoch % self.run_arguments.validation_epochs == 0:
            self._validate()
            self._checkpoint()

    def _log(self) -> None:
        values = self.divergence.mean_losses(self.unlogged)
        self.unlogged = []
        self.log.losses(values)
        self._record({f"train/{name}": value for name, value in values.items()})

    # -- asked to end ---------------------------------------------------------------------------------------------

    def _leave_if_asked(self) -> None:
        """End here, with a checkpoint, where a signal asked one of the processes for it."""
        if not self.told.anybody(self.asked.number is not None):
            return
        if self.kept != self.state.state_dict():
            self._checkpoint()
        number = self.asked.number = self.asked.number or signal.SIGTERM
        line = (
            f"{signal.Signals(number).name}: stopped after step {self.state.step} of {self.total}. Go on with --resume last, which "
            "continues exactly from here."
        )
        self.asked.end(line if self.accelerator.is_main_process else "")

    # -- validation and saving ------------------------------------------------------------------------------------

    def _validate(self) -> None:
        if not self.task.has_validation:
            return
        metrics: list[dict[str, float]] = [{}]
        if self.accelerator.is_main_process:
            metrics = [self.task.validate(self.accelerator.device)]
        [values] = broadcast_object_list(metrics)
        self.divergence.require_finite_metrics(self.state.step, values)
        state, name = self.state, self.run_arguments.best_metric
        state.history.append({"step": state.step, "epoch": state.epoch, **values})
        self._record({f"val/{key}": value for key, value in values.items()})
        self.log.say(f"epoch {state.epoch}  {self.task.tell(values)}")
        score = values[name] if name != "loss" else -values[name]
        better = state.best is None or score > state.best
        state.epochs_without_better = 0 if better else state.epochs_without_better + 1
        # Of two epochs that are equally good the later has learnt more: recalls of few clips are soon at their best.
        if better or score == state.best:
            state.best = score
            self._save(BEST)

    def _record(self, values: dict[str, float]) -> None:
        with self._tracked():
            self.accelerator.log(values, step=self.state.step)
        if self.accelerator.is_main_process:
            self.records.append({"step": self.state.step, **values})

    @contextmanager
    def _tracked(self) -> Iterator[None]:
        """What trackers write: a disk that is full is named, and not as a fault of theirs."""
        try:
            yield
        except OSError as error:
            names = ", ".join(self.run_arguments.report_to)
            raise could_not_write(f"records of {names} for {self.folder.path}", error, GOES_ON) from error

    def _stops_early(self) -> bool:
        patience = self.run_arguments.early_stop
        return patience is not None and self.state.epochs_without_better >= patience

    def _checkpoint(self) -> None:
        self._require_finite()
        save_checkpoint(self.resumable, self.folder, self.run_arguments.keep_checkpoints)
        self.kept = self.state.state_dict()

    def _require_finite(self) -> None:
        """Never keep a diverged model, neither as something to use nor to resume from."""
        if self.unlogged:
            # First: they say more of what happened.
            self.divergence.mean_losses(self.unlogged)
        self.divergence.require_finite_weights(self.state.step)

    def _save(self, name: str) -> None:
        if self.accelerator.is_main_process:
            self.task.save(self.folder.path / name)

    def _write_settings(self) -> None:
        if self.accelerator.is_main_process:
            self.folder.write_settings(self.settings)
            self.task.save_beside(self.folder.path)
            self.records.forget_after(self.state.step)

    def _introduce(self) -> None:
        for line in self.task.describe():
            self.log.say(line)
        if not self.task.has_validation:
            self.log.say("no validation split: best/ will be the last model.")

    def _finish(self) -> None:
        self._save(LAST)
        if not self.task.has_validation:
            self._save(BEST)
        if self.accelerator.is_main_process:
            self.folder.write_results(self._results())
        self._clear_left()
        self.accelerator.wait_for_everyone()

    def _clear_left(self) -> None:
        if self.accelerator.is_main_process:
            clear_left(self.folder, self.run_arguments.keep_checkpoints)

    def _results(self) -> dict[str, Any]:
        history = self.state.history
        name = self.run_arguments.best_metric
        choose = min if name == "loss" else max
        return {
            **provenance(sys.argv, self.task.corpus, self.run_arguments.seed),
            "steps": self.state.step,
            **self.task.metadata(),
            "best": choose(reversed(history), key=lambda record: record[name]) if history else None,
            "history": history,
        }


def fair_share_of_cores() -> int:
    """Cores this process may use, divided among the training processes of this machine."""
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return max(usable_cores() // processes, 1)


def require_trackers(names: list[str]) -> None:
    """Accelerate drops a tracker that is not installed without a word; a run that should be recorded must not start.

    Raises:
        MateError: a tracker that is not known or not installed.
    """
    known = [str(tracker) for tracker in LoggerType if tracker is not LoggerType.ALL]
    installed = [str(tracker) for tracker in get_available_trackers()]
    for name in names:
        if name not in known:
            raise MateError(f"report_to: {name!r}; expected of {', '.join(known)}.")
        if name not in installed:
            raise MateError(f"report_to: {name} is not installed. Install it: pip install {name}")
