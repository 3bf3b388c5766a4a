// A CUDA driver of no device: what cuDNN loads as libcuda.so.1 in the test beside this, so that it plans and
// compiles for a described device. It takes compiled kernels and keeps their names alone; whatever would need
// a device is refused. cuDNN wants all of these names to be there.
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace {

enum Result { kSuccess = 0, kNoDevice = 100, kNotFound = 500, kNotSupported = 801 };
std::string last_kernel;
int kernels = 0;
char handle;  // stands for whatever is made

/// For nvdisasm: into AGON_KERNEL_FOLDER, where that is set, as 0.cubin, 1.cubin, ... in the order of coming.
void keep_image(const void* code) {
  const char* const folder = std::getenv("AGON_KERNEL_FOLDER");
  if (folder == nullptr) return;
  Elf64_Ehdr header;
  std::memcpy(&header, code, sizeof header);
  const auto bytes =
      static_cast<std::streamsize>(std::max(header.e_shoff + header.e_shnum * header.e_shentsize,
                                            header.e_phoff + header.e_phnum * header.e_phentsize));
  std::ofstream(std::string(folder) + "/" + std::to_string(kernels) + ".cubin", std::ios::binary)
      .write(static_cast<const char*>(code), bytes);
}

}  // namespace

extern "C" {

/// Of the kernels taken so far: how many, and the last one's name.
int agon_kernels_taken() { return kernels; }
const char* agon_last_kernel() { return last_kernel.c_str(); }

int cuInit(unsigned) { return kSuccess; }
int cuDriverGetVersion(int* version) { return *version = 13000, kSuccess; }
int cuGetErrorString(int, const char** text) {
  return *text = "refused by the driver without a device", kSuccess;
}
int cuGetErrorName(int, const char** text) { return *text = "refused", kSuccess; }
/// With none cuDNN would compile, and keep the kernels to itself.
int cuDeviceGetCount(int* count) { return *count = 1, kSuccess; }
int cuGetProcAddress_v2(const char*, void** function, int, unsigned long long, int*) {
  return *function = nullptr, kNotFound;
}

int cuLibraryLoadData(void** library, const void* code, void*, void*, unsigned, void*, void*, unsigned) {
  if (std::memcmp(code, "\177ELF", 4) != 0) return kNotSupported;
  keep_image(code);
  return *library = &handle, kSuccess;
}
int cuLibraryGetKernel(void** kernel, void*, const char* name) {
  last_kernel = name;
  ++kernels;
  return *kernel = &handle, kSuccess;
}
int cuLibraryUnload(void*) { return kSuccess; }
int cuKernelSetAttribute(int, int, void*, int) { return kSuccess; }
int cuKernelGetAttribute(int* value, int, void*, int) { return *value = 0, kSuccess; }
int cuKernelGetFunction(void** function, void*) { return *function = &handle, kSuccess; }

#define AGON_REFUSED(name) \
  int name() { return kNoDevice; }
AGON_REFUSED(cuCtxGetCurrent)
AGON_REFUSED(cuCtxGetDevice)
AGON_REFUSED(cuCtxGetLimit)
AGON_REFUSED(cuCtxPopCurrent)
AGON_REFUSED(cuCtxPushCurrent)
AGON_REFUSED(cuDeviceGet)
AGON_REFUSED(cuDeviceGetAttribute)
AGON_REFUSED(cuDevicePrimaryCtxRelease)
AGON_REFUSED(cuDevicePrimaryCtxReset)
AGON_REFUSED(cuDevicePrimaryCtxRetain)
AGON_REFUSED(cuFuncGetAttribute)
AGON_REFUSED(cuFuncSetAttribute)
AGON_REFUSED(cuGetExportTable)
AGON_REFUSED(cuLaunchCooperativeKernel)
AGON_REFUSED(cuLaunchKernel)
AGON_REFUSED(cuLaunchKernelEx)
AGON_REFUSED(cuLibraryLoadFromFile)
AGON_REFUSED(cuLinkAddData)
AGON_REFUSED(cuLinkAddData_v2)
AGON_REFUSED(cuLinkAddFile_v2)
AGON_REFUSED(cuLinkComplete)
AGON_REFUSED(cuLinkCreate)
AGON_REFUSED(cuLinkCreate_v2)
AGON_REFUSED(cuLinkDestroy)
AGON_REFUSED(cuMemcpyDtoH_v2)
AGON_REFUSED(cuModuleGetFunction)
AGON_REFUSED(cuModuleGetGlobal_v2)
AGON_REFUSED(cuModuleLoadData)
AGON_REFUSED(cuModuleLoadDataEx)
AGON_REFUSED(cuModuleLoadFatBinary)
AGON_REFUSED(cuModuleUnload)
AGON_REFUSED(cuOccupancyMaxActiveBlocksPerMultiprocessor)
AGON_REFUSED(cuOccupancyMaxActiveClusters)
AGON_REFUSED(cuOccupancyMaxPotentialClusterSize)
AGON_REFUSED(cuStreamGetCtx)
AGON_REFUSED(cuStreamSynchronize)
AGON_REFUSED(cuTensorMapEncodeTiled)
}
