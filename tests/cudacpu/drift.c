/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Compiled where the toolkit is: what cudacpu stands in for is what it says. */

/* *INDENT-OFF* */
#include <cuda_runtime_api.h>
#include "functions.h"
/* *INDENT-ON* */

_Static_assert (cudaSuccess == 0, "");
_Static_assert (cudaErrorInvalidValue == 1, "");
_Static_assert (cudaErrorMemoryAllocation == 2, "");
_Static_assert (cudaErrorStubLibrary == 34, "");
_Static_assert (cudaErrorInsufficientDriver == 35, "");
_Static_assert (cudaErrorNoDevice == 100, "");
_Static_assert (cudaErrorInvalidDevice == 101, "");
_Static_assert (cudaErrorInvalidResourceHandle == 400, "");
_Static_assert (cudaErrorIllegalAddress == 700, "");
_Static_assert (cudaErrorLaunchFailure == 719, "");
_Static_assert (cudaMemcpyHostToDevice == 1, "");
_Static_assert (cudaMemcpyDeviceToHost == 2, "");
_Static_assert (cudaMemcpyDeviceToDevice == 3, "");
_Static_assert (cudaEnableDefault == 0, "");
_Static_assert (cudaDriverEntryPointSuccess == 0, "");
_Static_assert (cudaDriverEntryPointSymbolNotFound == 1, "");
_Static_assert (cudaHostAllocDefault == 0, "");
_Static_assert (cudaStreamNonBlocking == 1, "");
_Static_assert (cudaEventBlockingSync == 1, "");
_Static_assert (cudaEventDisableTiming == 2, "");
