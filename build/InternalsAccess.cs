using System.Runtime.CompilerServices;

// The run-time half of the access to ML.NET's internals; build/FriendReferences.targets is the other half.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]
