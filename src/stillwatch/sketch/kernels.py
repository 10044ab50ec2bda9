"""One typed door to numba, so that the kernels stay plain typed functions.

Every kernel names its signature. Then numba compiles it once, when the module is first imported, and keeps the machine
code beside the module (or in the user's cache folder where that is read-only): a later start only loads it. Kernels
release the interpreter lock, so that threads can share a machine.

A signature that says ``READ_*`` takes writable arrays too; Arrow buffers arrive read-only.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
F32 = npt.NDArray[np.float32]
I8 = npt.NDArray[np.int8]
I64 = npt.NDArray[np.int64]

READ_U8, READ_U32, READ_U64, READ_I64 = (
    numba.types.Array(kind, 1, "C", readonly=True) for kind in (numba.uint8, numba.uint32, numba.uint64, numba.int64)
)
WRITE_U32, WRITE_U64, WRITE_I64, WRITE_I8 = (
    numba.types.Array(kind, 1, "C") for kind in (numba.uint32, numba.uint64, numba.int64, numba.int8)
)
INT64 = numba.int64
NOTHING = numba.void

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(returns: Any, *arguments: Any) -> Callable[[Function], Function]:
    """Compile the function for exactly these numba types, without the interpreter lock, with NumPy's division rules."""
    compiler = numba.njit(returns(*arguments), cache=True, nogil=True, error_model="numpy")
    return cast("Callable[[Function], Function]", compiler)


def inlined(function: Function) -> Function:
    """A few instructions that several kernels share: the compiler puts them into each kernel that calls them.

    numba does not notice when such a function changes in *another* file: bump nothing, but touch the files that call
    it. (The hash functions are public constants of the format, so they should never change.)
    """
    return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
