"""Numbers too small for float32's full precision, which processors take a hundred times longer for.

A kernel that may meet them begins with ``old = flush_subnormals()`` and ends with
``restore_subnormals(old)``: in between they count as zero, both where they are read and where they
would be made. What that changes is less than 1.2e-38 a number. It is a setting of the processor, a
thread's own; a kernel sets it itself, so that its answer is the same in whatever thread it runs.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from polytopic.kernels.vector import INT32, INT64, call

__all__ = ["flush_subnormals", "restore_subnormals"]

_X86, _ARM = ("x86_64", "amd64", "i386", "i686"), ("aarch64", "arm64")
"""Names that systems give these processors; on others nothing is set."""

_FLUSH_X86 = 0x8040
"""Bits 15 and 6 of MXCSR: results to zero (FTZ), operands to zero (DAZ); Intel's manual, 1, 10.2.3.
"""

_FLUSH_ARM = 1 << 24
"""Bit FZ of FPCR: both; Arm's architecture manual, C5.2.8."""


def _machine() -> str:
    return platform.machine().lower()


def _read_x86(builder: Any) -> Any:
    place = cgutils.alloca_once(builder, INT32)
    call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), place)
    return builder.zext(builder.load(place), INT64)


def _write_x86(builder: Any, value: Any) -> None:
    place = cgutils.alloca_once(builder, INT32)
    builder.store(builder.trunc(value, INT32), place)
    call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), place)


def _read_arm(builder: Any) -> Any:
    return call(builder, "llvm.aarch64.get.fpcr", INT64)


def _write_arm(builder: Any, value: Any) -> None:
    call(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), value)


@intrinsic
def flush_subnormals(typing: Any) -> Any:
    """Let subnormal numbers count as zero in this thread; what was set before (int64)."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if _machine() in _X86:
            old = _read_x86(builder)
            _write_x86(builder, builder.or_(old, ir.Constant(INT64, _FLUSH_X86)))
        elif _machine() in _ARM:
            old = _read_arm(builder)
            _write_arm(builder, builder.or_(old, ir.Constant(INT64, _FLUSH_ARM)))
        else:
            old = ir.Constant(INT64, 0)
        return old

    return types.int64(), emit


@intrinsic
def restore_subnormals(typing: Any, old: Any) -> Any:
    """Set what :func:`flush_subnormals` gave."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if _machine() in _X86:
            _write_x86(builder, args[0])
        elif _machine() in _ARM:
            _write_arm(builder, args[0])
        return context.get_dummy_value()

    return types.void(types.int64), emit
