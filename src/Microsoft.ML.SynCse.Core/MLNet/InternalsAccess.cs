namespace System.Runtime.CompilerServices;

/// <summary>The runtime knows this attribute by its name, and lets an assembly that has it use the internals of the assembly that it
/// names.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>The simple name of the assembly whose internals are used.</summary>
    public string AssemblyName { get; } = assemblyName;
}
